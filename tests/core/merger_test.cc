#include "harness/core/merger.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

namespace coresweep {
namespace {

using Arrival = ReorderBuffer::Arrival;

constexpr Window kWindow{1000, 2000};

ChunkSample Sample(uint64_t sequence, int64_t started_ns, int64_t computed_ns, int32_t items = 4) {
  return {sequence, 0, items, started_ns, started_ns, computed_ns, 0};
}

std::vector<uint64_t> Merge(Merger& merger, int64_t now_ns) {
  std::vector<uint64_t> delivered;
  merger.MergeReady(now_ns, [&](uint64_t sequence) { delivered.push_back(sequence); });
  return delivered;
}

OrderingCounts CountsOf(const Merger& merger) {
  OrderingCounts counts;
  merger.AddTo(counts);
  return counts;
}

TEST(Merger, DeliversInOrderAndLogsTheMoment) {
  Merger merger(4, kWindow);
  EXPECT_EQ(merger.Complete(Sample(1, 1100, 1200), 1210), Arrival::kAccepted);
  EXPECT_TRUE(Merge(merger, 1215).empty());
  EXPECT_EQ(merger.Complete(Sample(0, 1100, 1300), 1310), Arrival::kAccepted);
  EXPECT_EQ(Merge(merger, 1320), (std::vector<uint64_t>{0, 1}));
  const auto& samples = merger.log().samples();
  ASSERT_EQ(samples.size(), 2u);
  EXPECT_EQ(samples[0].sequence, 0u);
  EXPECT_EQ(samples[0].computed_ns, 1300);
  EXPECT_EQ(samples[1].computed_ns, 1200);
  EXPECT_EQ(samples[1].merged_ns, 1320);
  EXPECT_EQ(merger.last_ns(), 1310);
}

TEST(Merger, SumsTheTimeBetweenArrivalAndMerge) {
  Merger merger(4, kWindow);
  merger.Complete(Sample(2, 1100, 1200), 1200);
  merger.Complete(Sample(1, 1100, 1250), 1250);
  Merge(merger, 1260);
  merger.Complete(Sample(0, 1100, 1300), 1300);
  Merge(merger, 1310);
  const OrderingCounts counts = CountsOf(merger);
  EXPECT_EQ(counts.head_of_line_ns, (1310 - 1200) + (1310 - 1250) + (1310 - 1300));
  EXPECT_EQ(counts.completion_inversions, 2);
  EXPECT_EQ(counts.max_reorder_depth, 2);
}

TEST(Merger, CountsItemsInProportionToTheTimeInTheWindow) {
  Merger merger(8, kWindow);
  merger.Complete(Sample(0, 900, 1100), 1100);   // half of 4
  merger.Complete(Sample(1, 1100, 1200), 1200);  // all
  merger.Complete(Sample(2, 1900, 2300), 2300);  // a quarter
  merger.Complete(Sample(3, 2000, 2100), 2400);  // none
  merger.Complete(Sample(4, 500, 2500), 2500);   // half: longer than the window
  EXPECT_DOUBLE_EQ(merger.items_in_window(), 2 + 4 + 1 + 0 + 2);
  EXPECT_EQ(merger.chunks(), 5);
}

TEST(Merger, RepeatedAndUnknownChunksCountForNothing) {
  Merger merger(4, kWindow);
  merger.Complete(Sample(0, 1100, 1200), 1200);
  EXPECT_EQ(merger.Complete(Sample(0, 1100, 1200), 1300), Arrival::kDuplicate);
  EXPECT_EQ(merger.Complete(Sample(9, 1100, 1200), 1300), Arrival::kUnknown);
  EXPECT_EQ(merger.chunks(), 1);
  EXPECT_DOUBLE_EQ(merger.items_in_window(), 4);
  EXPECT_EQ(merger.last_ns(), 1200);
}

TEST(Merger, ARepeatDoesNotReplaceTheFirst) {
  Merger merger(4, kWindow);
  merger.Complete(Sample(0, 1100, 1200), 1200);
  merger.Complete(Sample(0, 1111, 1222), 1300);
  Merge(merger, 1400);
  EXPECT_EQ(merger.log().samples().at(0).started_ns, 1100);
}

TEST(Merger, GivenUpChunksAreMissingAndNotDelivered) {
  Merger merger(4, kWindow);
  merger.Complete(Sample(1, 1100, 1200), 1200);
  merger.GiveUp(0, 4);
  merger.GiveUp(2, 3);
  EXPECT_EQ(Merge(merger, 1300), (std::vector<uint64_t>{1}));
  EXPECT_EQ(CountsOf(merger).missing, 7);
  EXPECT_EQ(merger.log().added(), 1u);
  EXPECT_TRUE(merger.MayIssue(6));
  EXPECT_FALSE(merger.MayIssue(7));
}

TEST(Merger, CountsAreAddedAndTheDepthIsTheGreatest) {
  Merger merger(4, kWindow);
  merger.Complete(Sample(1, 1100, 1200), 1200);
  Merge(merger, 1200);
  merger.GiveUp(0, 2);
  OrderingCounts counts;
  counts.missing = 10;
  counts.max_reorder_depth = 5;
  merger.AddTo(counts);
  EXPECT_EQ(counts.missing, 12);
  EXPECT_EQ(counts.max_reorder_depth, 5);
}

TEST(Merger, AnyPermutationIsDeliveredInOrderWithExactCounts) {
  std::mt19937_64 random(7);  // NOLINT(cert-msc51-cpp): the same permutations every time
  for (int round = 0; round < 300; ++round) {
    const size_t count = 1 + random() % 40;
    std::vector<uint64_t> order(count);
    std::iota(order.begin(), order.end(), 0);
    std::shuffle(order.begin(), order.end(), random);
    Merger merger(count, kWindow);
    std::vector<uint64_t> delivered;
    int64_t inversions = 0;
    int64_t highest = -1;
    int64_t depth = 0;
    int64_t wait_ns = 0;
    for (size_t i = 0; i < count; ++i) {
      const int64_t now_ns = 1000 + static_cast<int64_t>(i);
      merger.Complete(Sample(order[i], 1100, 1200, 1), now_ns);
      if (static_cast<int64_t>(order[i]) < highest) ++inversions;
      highest = std::max(highest, static_cast<int64_t>(order[i]));
      const auto now = Merge(merger, now_ns);
      for (const uint64_t sequence : now) {
        const auto arrived = std::find(order.begin(), order.end(), sequence) - order.begin();
        wait_ns += now_ns - (1000 + arrived);
      }
      delivered.insert(delivered.end(), now.begin(), now.end());
      depth = std::max(depth, static_cast<int64_t>(i + 1 - delivered.size()));
    }
    std::sort(order.begin(), order.end());
    ASSERT_EQ(delivered, order);
    const OrderingCounts counts = CountsOf(merger);
    ASSERT_EQ(counts.completion_inversions, inversions);
    ASSERT_EQ(counts.max_reorder_depth, depth);
    ASSERT_EQ(counts.head_of_line_ns, wait_ns);
    ASSERT_DOUBLE_EQ(merger.items_in_window(), static_cast<double>(count));
  }
}

TEST(Merger, CountsUpToTheEndThatTheWindowTurnsOutToHave) {
  Merger merger(4, {0, 1000});
  ChunkSample sample;
  sample.items = 10;
  sample.started_ns = 100;
  sample.computed_ns = 200;
  (void)merger.Complete(sample, 210);
  merger.EndWindowAt(250);
  sample.sequence = 1;
  sample.started_ns = 200;
  sample.computed_ns = 300;
  (void)merger.Complete(sample, 310);
  EXPECT_DOUBLE_EQ(merger.items_in_window(), 15);
}

}  // namespace
}  // namespace coresweep
