#include "harness/run/driver.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "harness/base/clock.h"

namespace coresweep {
namespace {

constexpr Schedule kSchedule{0, {0, INT64_MAX}, 0};

StartGate OpenedGate(const Schedule& schedule) {
  StartGate gate = StartGate::Create();
  gate.Open(schedule);
  return gate;
}

ChunkSample SampleOf(uint64_t global) {
  ChunkSample sample;
  sample.sequence = global;
  sample.items = 1;
  sample.started_ns = NowNs();
  sample.computed_ns = NowNs() + 1;
  return sample;
}

OrderingCounts CountsOf(const SharedSequence& sequence) {
  OrderingCounts counts;
  sequence.merger().AddTo(counts);
  return counts;
}

TEST(SharedSequence, HandsOutEachChunkOnce) {
  StartGate gate = OpenedGate(kSchedule);
  SharedSequence sequence(0, 1, kSchedule, gate, 8);
  for (uint64_t i = 0; i < 5; ++i)
    EXPECT_EQ(sequence.Claim(), i);
}

TEST(SharedSequence, NumbersTheChunksOfItsProcessWithinTheTrial) {
  StartGate gate = OpenedGate(kSchedule);
  const SharedSequence sequence(2, 3, kSchedule, gate, 8);
  EXPECT_EQ(sequence.Global(0), 2u);
  EXPECT_EQ(sequence.Global(4), 14u);
}

TEST(SharedSequence, MergesInOrder) {
  StartGate gate = OpenedGate(kSchedule);
  SharedSequence sequence(0, 1, kSchedule, gate, 8);
  for (int i = 0; i < 3; ++i)
    (void)sequence.Claim();
  for (const uint64_t local : {2U, 0U, 1U})
    sequence.Complete(local, SampleOf(local));
  const auto& samples = sequence.merger().log().samples();
  ASSERT_EQ(samples.size(), 3u);
  for (uint64_t i = 0; i < 3; ++i)
    EXPECT_EQ(samples[i].sequence, i);
  EXPECT_EQ(CountsOf(sequence).completion_inversions, 2);
}

TEST(SharedSequence, WaitsWhileTheWindowIsFull) {
  StartGate gate = OpenedGate(kSchedule);
  SharedSequence sequence(0, 1, kSchedule, gate, 2);
  (void)sequence.Claim();
  (void)sequence.Claim();
  std::atomic<bool> claimed = false;
  std::thread waiter([&] {
    EXPECT_EQ(sequence.Claim(), 2u);
    claimed = true;
  });
  sequence.Complete(1, SampleOf(1));  // chunk 0 still holds the window
  EXPECT_FALSE(claimed);
  sequence.Complete(0, SampleOf(0));
  waiter.join();
  EXPECT_TRUE(claimed);
}

TEST(SharedSequence, EndsTheWindowWhenTheWorkOfAllProcessesIsDone) {
  const Schedule schedule{0, {0, INT64_MAX}, 5};
  StartGate gate = OpenedGate(schedule);
  SharedSequence mine(0, 2, schedule, gate, 8);
  SharedSequence theirs(1, 2, schedule, gate, 8);
  const auto complete = [](SharedSequence& sequence, uint64_t local, int32_t items) {
    ChunkSample sample = SampleOf(local);
    sample.items = items;
    sequence.Complete(local, sample);
  };
  complete(mine, 0, 2);
  complete(theirs, 0, 2);
  EXPECT_EQ(mine.EndNs(), INT64_MAX);
  SleepUntil(NowNs() + 2 * kEndLeadNs);  // it tells its work no oftener
  const int64_t before_ns = NowNs();
  complete(mine, 1, 1);
  EXPECT_GE(mine.EndNs(), before_ns + kEndLeadNs);
  EXPECT_LE(mine.EndNs(), NowNs() + kEndLeadNs);
  EXPECT_EQ(theirs.EndNs(), mine.EndNs());
}

TEST(SharedSequence, AbortWakesThoseWhoWaitAndEndsClaiming) {
  StartGate gate = OpenedGate(kSchedule);
  SharedSequence sequence(0, 1, kSchedule, gate, 1);
  (void)sequence.Claim();
  std::vector<std::thread> waiters;
  std::atomic<int> refused = 0;
  for (int i = 0; i < 3; ++i) {
    waiters.emplace_back([&] {
      if (!sequence.Claim()) ++refused;
    });
  }
  sequence.Abort();
  for (std::thread& waiter : waiters)
    waiter.join();
  EXPECT_EQ(refused, 3);
  sequence.Complete(0, SampleOf(0));  // room does not matter any more
  EXPECT_EQ(sequence.Claim(), std::nullopt);
}

TEST(SharedSequence, ThreadsShareAllChunksWithoutLossOrRepeat) {
  constexpr int kThreads = 4;
  constexpr uint64_t kEach = 2'000;
  StartGate gate = OpenedGate(kSchedule);
  SharedSequence sequence(0, 1, kSchedule, gate, 8);
  std::vector<std::vector<uint64_t>> claimed(kThreads);
  std::vector<std::thread> threads;
  for (auto& mine : claimed) {
    threads.emplace_back([&sequence, &mine] {
      for (uint64_t i = 0; i < kEach; ++i) {
        mine.push_back(*sequence.Claim());
        if (i % 7 == 0) std::this_thread::yield();
        sequence.Complete(mine.back(), SampleOf(mine.back()));
      }
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  std::vector<uint64_t> all;
  for (const auto& mine : claimed) {
    EXPECT_TRUE(std::is_sorted(mine.begin(), mine.end()));
    all.insert(all.end(), mine.begin(), mine.end());
  }
  std::sort(all.begin(), all.end());
  for (uint64_t i = 0; i < all.size(); ++i)
    ASSERT_EQ(all[i], i);
  EXPECT_EQ(sequence.merger().chunks(), static_cast<int64_t>(kThreads * kEach));
  EXPECT_EQ(sequence.merger().log().added(), kThreads * kEach);
  EXPECT_LT(CountsOf(sequence).max_reorder_depth, 8);
}

}  // namespace
}  // namespace coresweep
