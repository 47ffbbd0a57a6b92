#include "harness/core/chunk_dealer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace coresweep {
namespace {

using testing::ElementsAre;

/// The next `count` chunks of `worker`, taken.
std::vector<uint64_t> Chunks(ChunkDealer& dealer, int worker, size_t count) {
  std::vector<uint64_t> chunks;
  while (chunks.size() < count) {
    const auto run = dealer.Next(worker);
    if (!run) break;
    for (int i = 0; i < run->chunks; ++i)
      chunks.push_back(run->first + static_cast<uint64_t>(i));
    dealer.Take(worker);
  }
  return chunks;
}

/// Lengths of the next runs, taken by workers in turn.
std::vector<int> Runs(ChunkDealer& dealer, int workers, int count) {
  std::vector<int> lengths;
  for (int i = 0; i < count; ++i) {
    lengths.push_back(dealer.Next(i % workers)->chunks);
    dealer.Take(i % workers);
  }
  return lengths;
}

TEST(ChunkDealer, DynamicGivesTheNextChunkToWhoeverAsks) {
  ChunkDealer dealer(Dispatch::kDynamic, 2, 3);
  EXPECT_THAT(Chunks(dealer, 1, 2), ElementsAre(0, 1));
  EXPECT_THAT(Chunks(dealer, 0, 3), ElementsAre(2, 3, 4));
}

TEST(ChunkDealer, StaticGivesContiguousPartsAndLosesNoTail) {
  ChunkDealer dealer(Dispatch::kStatic, 3, 8);  // 8 / 3 = 2 would lose the last two
  EXPECT_THAT(Chunks(dealer, 0, 4), ElementsAre(0, 1, 8, 9));
  EXPECT_THAT(Chunks(dealer, 1, 6), ElementsAre(2, 3, 4, 10, 11, 12));
  EXPECT_THAT(Chunks(dealer, 2, 6), ElementsAre(5, 6, 7, 13, 14, 15));
}

TEST(ChunkDealer, StaticLeavesAWorkerWithoutAPartIdle) {
  ChunkDealer dealer(Dispatch::kStatic, 4, 2);
  int idle = 0;
  for (int worker = 0; worker < 4; ++worker)
    idle += dealer.Next(worker) ? 0 : 1;
  EXPECT_EQ(idle, 2);
}

TEST(ChunkDealer, GuidedRunsShrinkTowardsTheEndOfThePass) {
  ChunkDealer dealer(Dispatch::kGuided, 2, 20);
  EXPECT_THAT(Runs(dealer, 2, 9), ElementsAre(5, 4, 3, 2, 2, 1, 1, 1, 1));
  EXPECT_EQ(dealer.Next(0)->first, 20u);
  EXPECT_EQ(dealer.Next(0)->chunks, 5);
}

TEST(ChunkDealer, GuidedRunsHaveALongest) {
  ChunkDealer dealer(Dispatch::kGuided, 1, 1000);
  EXPECT_EQ(dealer.Next(0)->chunks, kLongestRun);
  EXPECT_EQ(ChunkDealer::LongestRun(Dispatch::kGuided, 1, 1000), kLongestRun);
  EXPECT_EQ(ChunkDealer::LongestRun(Dispatch::kGuided, 2, 20), 5);
  EXPECT_EQ(ChunkDealer::LongestRun(Dispatch::kDynamic, 1, 1000), 1);
}

TEST(ChunkDealer, NextIsTheSameUntilItIsTaken) {
  for (const Dispatch policy : {Dispatch::kDynamic, Dispatch::kStatic, Dispatch::kGuided}) {
    const ChunkDealer dealer(policy, 2, 10);
    EXPECT_EQ(dealer.Next(1)->first, dealer.Next(1)->first);
  }
}

TEST(ChunkDealer, EveryPolicyDealsEachChunkOfAPassOnce) {
  for (const Dispatch policy : {Dispatch::kDynamic, Dispatch::kStatic, Dispatch::kGuided}) {
    for (const int workers : {1, 2, 3, 7, 16}) {
      for (const int64_t per_pass : {1, 2, 5, 16, 61}) {
        ChunkDealer dealer(policy, workers, per_pass);
        std::multiset<uint64_t> dealt;
        for (int round = 0; round < 200; ++round) {
          for (int worker = 0; worker < workers; ++worker) {
            const auto run = dealer.Next(worker);
            if (!run || run->first >= static_cast<uint64_t>(2 * per_pass)) continue;
            EXPECT_EQ(run->first / static_cast<uint64_t>(per_pass),
                      (run->first + static_cast<uint64_t>(run->chunks) - 1) /
                          static_cast<uint64_t>(per_pass));
            for (int i = 0; i < run->chunks; ++i)
              dealt.insert(run->first + static_cast<uint64_t>(i));
            dealer.Take(worker);
          }
        }
        ASSERT_EQ(dealt.size(), static_cast<size_t>(2 * per_pass));
        for (uint64_t chunk = 0; chunk < static_cast<uint64_t>(2 * per_pass); ++chunk)
          ASSERT_EQ(dealt.count(chunk), 1u);
      }
    }
  }
}

TEST(ChunkDealer, KnowsWhatWasDealt) {
  ChunkDealer shared(Dispatch::kDynamic, 2, 4);
  (void)Chunks(shared, 0, 3);
  EXPECT_TRUE(shared.Dealt(2));
  EXPECT_FALSE(shared.Dealt(3));
  ChunkDealer parts(Dispatch::kStatic, 2, 5);  // parts 0-1 and 2-4
  (void)Chunks(parts, 1, 4);
  EXPECT_EQ(parts.end(), 8u);
  std::vector<uint64_t> dealt;
  for (uint64_t chunk = 0; chunk < 12; ++chunk) {
    if (parts.Dealt(chunk)) dealt.push_back(chunk);
  }
  EXPECT_THAT(dealt, ElementsAre(2, 3, 4, 7));
}

TEST(ChunkDealer, SpanOfStaticLetsWorkersBeAPassApart) {
  EXPECT_EQ(ChunkDealer::Span(Dispatch::kStatic, 2, 10), 20u);
  EXPECT_EQ(ChunkDealer::Span(Dispatch::kStatic, 1, 10), 1u);
  EXPECT_EQ(ChunkDealer::Span(Dispatch::kDynamic, 3, 10), 3u);
}

}  // namespace
}  // namespace coresweep
