#include "harness/core/arrival_queue.h"

#include <gtest/gtest.h>

namespace coresweep {
namespace {

constexpr int64_t kMs = 1'000'000;

/// A request each millisecond from 0 on, window from 10 to 20 ms.
ArrivalQueue EachMillisecond() {
  return {{Arrivals::kConstant, 1000, 1, 0}, 0, {10 * kMs, 20 * kMs}};
}

/// Issues all that wait at `now_ns`.
void IssueAll(ArrivalQueue& queue, int64_t now_ns) {
  queue.Advance(now_ns);
  while (queue.Waiting())
    queue.Issue(now_ns);
}

TEST(ArrivalQueue, LetsRequestsInWhenTheyAreDueAndNotBefore) {
  ArrivalQueue queue = EachMillisecond();
  EXPECT_FALSE(queue.Waiting());
  queue.Advance(0);
  EXPECT_TRUE(queue.Waiting());
  EXPECT_EQ(queue.FrontDueNs(), 0);
  queue.Issue(0);
  EXPECT_FALSE(queue.Waiting());
  EXPECT_EQ(queue.NextDueNs(), 1 * kMs);
  queue.Advance(1 * kMs - 1);
  EXPECT_FALSE(queue.Waiting());
  queue.Advance(3 * kMs);
  queue.Issue(3 * kMs);
  EXPECT_EQ(queue.FrontDueNs(), 2 * kMs);
  EXPECT_EQ(queue.NextDueNs(), 4 * kMs);
}

TEST(ArrivalQueue, NothingComesAfterTheWindow) {
  ArrivalQueue queue = EachMillisecond();
  IssueAll(queue, 100 * kMs);
  EXPECT_EQ(queue.NextDueNs(), std::nullopt);
  const OpenLoadUse use = queue.Use();
  EXPECT_EQ(use.due, 10);  // at 10, 11, …, 19 ms
  EXPECT_EQ(use.left, 0);
  EXPECT_EQ(use.rate_asked_per_s, 1000);
}

TEST(ArrivalQueue, MeanDepthIsTheTimeWaitedInTheWindowOverItsLength) {
  ArrivalQueue queue = EachMillisecond();
  IssueAll(queue, 9 * kMs);   // those before the window wait in vain: not counted
  IssueAll(queue, 12 * kMs);  // 10 and 11 waited 2 + 1 ms, 12 none
  IssueAll(queue, 30 * kMs);  // 13 … 19 waited until the end of the window: 7 + … + 1
  EXPECT_DOUBLE_EQ(queue.Use().queue_mean, (2 + 1 + 28) / 10.0);
}

TEST(ArrivalQueue, GreatestDepthIsThatBeforeRequestsLeave) {
  ArrivalQueue queue = EachMillisecond();
  IssueAll(queue, 8 * kMs);  // nine at once, but before the window
  IssueAll(queue, 14 * kMs);
  IssueAll(queue, 16 * kMs);
  EXPECT_EQ(queue.Use().queue_most, 6);  // 9 … 14
}

TEST(ArrivalQueue, WhatWasNeverIssuedIsLeftOverAndWaitsToTheEnd) {
  ArrivalQueue queue = EachMillisecond();
  IssueAll(queue, 15 * kMs);
  const OpenLoadUse before = queue.Use();
  queue.Advance(40 * kMs);
  const OpenLoadUse use = queue.Use();
  EXPECT_EQ(before.left, 0);
  EXPECT_EQ(use.left, 4);  // 16 … 19
  EXPECT_EQ(use.queue_most, 16);
  EXPECT_DOUBLE_EQ(use.queue_mean - before.queue_mean, (4 + 3 + 2 + 1) / 10.0);
}

TEST(ArrivalQueue, LeftOversFromBeforeTheWindowAreNotOfIt) {
  ArrivalQueue queue = EachMillisecond();
  queue.Advance(40 * kMs);
  EXPECT_EQ(queue.Use().left, 10);
}

TEST(ArrivalQueue, CountsWhatWasComputedInTheWindow) {
  ArrivalQueue queue = EachMillisecond();
  for (const int64_t at : {9, 10, 19, 20})
    queue.Computed(at * kMs);
  EXPECT_EQ(queue.Use().computed, 2);
}

TEST(ArrivalQueue, LatenessOfTheHarnessIsThatOfRequestsThatFoundAWorker) {
  ArrivalQueue queue{{Arrivals::kConstant, 1000, 1, 0}, 0, {0, 100 * kMs}};
  for (int64_t k = 0; k < 40; ++k)
    IssueAll(queue, k * kMs + 3000);
  const OpenLoadUse use = queue.Use();
  EXPECT_EQ(use.unhindered, 40);
  EXPECT_EQ(use.issue_late_p50_us, 3.0);
  EXPECT_EQ(use.issue_late_p99_us, std::nullopt);  // takes 1000
}

TEST(ArrivalQueue, WaitingForAWorkerIsNotTheHarnessBeingLate) {
  ArrivalQueue queue{{Arrivals::kConstant, 1000, 1, 0}, 0, {0, 100 * kMs}};
  queue.Advance(0);
  queue.Refuse();
  // 0 was refused, 1 … 5 came while it waited: none of them counts. 6 does.
  IssueAll(queue, 5 * kMs + 1);
  EXPECT_EQ(queue.Use().unhindered, 0);
  IssueAll(queue, 6 * kMs);
  EXPECT_EQ(queue.Use().unhindered, 1);
}

}  // namespace
}  // namespace coresweep
