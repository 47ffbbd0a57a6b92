#include "harness/host/thread_readback.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <thread>

namespace coresweep {
namespace {

using testing::Contains;
using testing::Each;

TEST(ThreadReadback, CountsTheMainThread) {
  EXPECT_EQ(CountThreads(), 1);
  EXPECT_EQ(AffinityOfEachThread().size(), 1U);
  EXPECT_EQ(AffinityOfAllThreads(), GetAffinity());
}

TEST(ThreadReadback, SeesThreadsThatLeftTheMaskOfTheMainThread) {
  const CpuSet all = GetAffinity();
  if (all.Count() < 2) GTEST_SKIP() << "needs two CPUs";
  const CpuSet first{all.ToVector().front()};
  const CpuSet last{all.ToVector().back()};
  ASSERT_EQ(SetAffinity(first), 0);
  std::latch bound(1);
  std::latch seen(1);
  std::thread stray([&] {
    EXPECT_EQ(SetAffinity(last), 0);
    bound.count_down();
    seen.wait();
  });
  bound.wait();
  EXPECT_GE(CountThreads(), 2);  // the thread sanitizer has one of its own
  EXPECT_EQ(AffinityOfAllThreads(), first.Union(last));
  EXPECT_THAT(AffinityOfEachThread(), Contains(first));
  EXPECT_THAT(AffinityOfEachThread(), Contains(last));
  seen.count_down();
  stray.join();
  EXPECT_EQ(AffinityOfAllThreads(), first);
  ASSERT_EQ(SetAffinity(all), 0);
}

TEST(ThreadReadback, SkipsThreadsThatEndMeanwhile) {
  std::atomic<bool> stop = false;
  std::thread churn([&] {
    while (!stop)
      std::thread([] {}).join();
  });
  const CpuSet all = GetAffinity();
  for (int i = 0; i < 200; ++i)
    EXPECT_THAT(AffinityOfEachThread(), Each(all));
  stop = true;
  churn.join();
}

}  // namespace
}  // namespace coresweep
