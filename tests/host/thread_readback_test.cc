#include "harness/host/thread_readback.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>

#include <atomic>
#include <cstddef>
#include <latch>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace coresweep {
namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::UnorderedElementsAre;

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

/// Threads that are bound and named, and stay until this object goes.
class BoundThreads {
 public:
  explicit BoundThreads(const std::vector<std::pair<std::string, CpuSet>>& wanted)
      : ready_(static_cast<std::ptrdiff_t>(wanted.size())) {
    for (const auto& [name, cpus] : wanted) {
      threads_.emplace_back([this, name = name, cpus = cpus] {
        EXPECT_EQ(SetAffinity(cpus), 0);
        EXPECT_EQ(pthread_setname_np(pthread_self(), name.c_str()), 0);
        ready_.count_down();
        done_.wait();
      });
    }
    ready_.wait();
  }
  BoundThreads(const BoundThreads&) = delete;
  BoundThreads& operator=(const BoundThreads&) = delete;
  ~BoundThreads() {
    done_.count_down();
    for (std::thread& thread : threads_)
      thread.join();
  }

 private:
  std::latch ready_;
  std::latch done_{1};
  std::vector<std::thread> threads_;
};

/// The group of exactly `cpus`; an empty one when there is none.
MaskGroup GroupOf(const CpuSet& cpus) {
  for (MaskGroup& group : ReadThreadMasks()) {
    if (group.cpus == cpus.ToList()) return std::move(group);
  }
  return {};
}

TEST(ThreadMasks, GroupThreadsByTheirMaskWithTheirNames) {
  const CpuSet all = GetAffinity();
  if (all.Count() < 2) GTEST_SKIP() << "needs two CPUs";
  const CpuSet first{all.ToVector().front()};
  const CpuSet last{all.ToVector().back()};
  const BoundThreads threads({{"late", last}, {"early", first}, {"late", last}, {"other", last}});
  const MaskGroup early = GroupOf(first);
  EXPECT_EQ(early.threads, 1);
  EXPECT_THAT(early.names, ElementsAre("early"));
  const MaskGroup late = GroupOf(last);
  EXPECT_EQ(late.threads, 3);
  EXPECT_THAT(late.names, UnorderedElementsAre("late", "other"));
  EXPECT_GE(GroupOf(all).threads, 1);  // this thread
}

TEST(ThreadMasks, AreSortedByTheLeastCpuThenText) {
  const CpuSet all = GetAffinity();
  if (all.Count() < 2) GTEST_SKIP() << "needs two CPUs";
  const CpuSet first{all.ToVector().front()};
  const CpuSet last{all.ToVector().back()};
  const BoundThreads threads({{"b", last}, {"a", first}});
  std::vector<std::string> order;
  for (const MaskGroup& group : ReadThreadMasks())
    order.push_back(group.cpus);
  EXPECT_THAT(order, ElementsAre(first.ToList(), all.ToList(), last.ToList()));
}

TEST(ThreadMasks, ShowFourNamesAtMost) {
  const CpuSet all = GetAffinity();
  const BoundThreads threads({{"a", all}, {"b", all}, {"c", all}, {"d", all}, {"e", all}});
  const MaskGroup group = GroupOf(all);
  EXPECT_GE(group.threads, 6);
  EXPECT_EQ(group.names.size(), 4U);
}

TEST(ThreadMasks, ShowNamesAsPlainText) {
  const CpuSet one{GetAffinity().ToVector().front()};
  const BoundThreads threads({{"a\xffz\n b", one}});
  std::vector<std::string> names;
  for (const MaskGroup& group : ReadThreadMasks())
    names.insert(names.end(), group.names.begin(), group.names.end());
  EXPECT_THAT(names, Contains("a?z? b"));
}

}  // namespace
}  // namespace coresweep
