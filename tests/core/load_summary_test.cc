#include "harness/core/load_summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace coresweep {
namespace {

using testing::AllOf;
using testing::HasSubstr;

Cell OpenCell(Arrivals arrivals, int workers = 2) {
  Cell cell;
  cell.workers = workers;
  cell.load = {true, arrivals, 1000, 0};
  return cell;
}

OpenLoadUse Use(int64_t due, int64_t computed, int64_t left = 0) {
  OpenLoadUse use;
  use.rate_asked_per_s = 1000;
  use.due = due;
  use.computed = computed;
  use.left = left;
  return use;
}

TEST(IsSaturated, WhenAPoissonWindowLeavesMoreOverThanChanceAndOnePercent) {
  const Cell cell = OpenCell(Arrivals::kPoisson);
  EXPECT_DOUBLE_EQ(ChanceBacklog(cell, 10'000), 300);
  EXPECT_FALSE(IsSaturated(cell, Use(10'000, 9'700)));
  EXPECT_TRUE(IsSaturated(cell, Use(10'000, 9'699)));
  EXPECT_FALSE(IsSaturated(cell, Use(1'000'000, 990'000)));  // chance alone: 3,000
  EXPECT_TRUE(IsSaturated(cell, Use(1'000'000, 989'999)));
  EXPECT_FALSE(IsSaturated(cell, Use(100, 130)));  // caught up with what came before
}

TEST(IsSaturated, WhenAConstantWindowLeavesMoreOverThanTheWorkersHold) {
  const Cell cell = OpenCell(Arrivals::kConstant, 3);
  EXPECT_FALSE(IsSaturated(cell, Use(100, 94)));
  EXPECT_TRUE(IsSaturated(cell, Use(100, 93)));
}

TEST(IsSaturated, WhenARequestWasNeverIssued) {
  EXPECT_TRUE(IsSaturated(OpenCell(Arrivals::kPoisson), Use(100, 100, 1)));
}

TEST(WhySaturated, TellsTheCountsAndWhatToDo) {
  OpenLoadUse use = Use(500, 300, 120);
  use.queue_most = 180;
  EXPECT_THAT(WhySaturated(use), AllOf(HasSubstr("of 500 requests"), HasSubstr("300 were computed"),
                                       HasSubstr("120 never issued"), HasSubstr("180 waited"),
                                       HasSubstr("less than the 1000 requests/s")));
}

/// A window of half a second.
TrialMeasurement TrialOf(const OpenLoadUse& use) {
  TrialMeasurement trial;
  trial.window = {0, 500'000'000};
  trial.open_load = use;
  return trial;
}

std::optional<OpenLoadSummary> Summarize(const Cell& cell,
                                         const std::vector<TrialMeasurement>& trials) {
  std::vector<const TrialMeasurement*> views;
  for (const TrialMeasurement& trial : trials)
    views.push_back(&trial);
  return SummarizeOpenLoad(cell, views);
}

TEST(OpenLoadSummary, GivesRatesAndQueuesOverTheRepetitions) {
  OpenLoadUse first = Use(500, 490, 1);
  first.queue_mean = 2;
  first.queue_most = 9;
  first.unhindered = 400;
  first.issue_late_p50_us = 4;
  OpenLoadUse second = Use(520, 521, 2);
  second.queue_mean = 4;
  second.queue_most = 7;
  second.unhindered = 30;
  const auto summary = Summarize(OpenCell(Arrivals::kPoisson), {TrialOf(first), TrialOf(second)});
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->rate_asked_per_s, 1000);
  EXPECT_EQ(summary->offered_per_s->median, 1020);
  EXPECT_EQ(summary->reached_per_s->low, 980);
  EXPECT_EQ(summary->reached_per_s->high, 1042);
  EXPECT_EQ(summary->queue_mean->median, 3);
  EXPECT_EQ(summary->queue_most, 9);
  EXPECT_EQ(summary->left, 3);
  EXPECT_EQ(summary->unhindered, 430);
  EXPECT_EQ(summary->issue_late_p50_us->median, 4);
  EXPECT_FALSE(summary->issue_late_p99_us);
}

TEST(OpenLoadSummary, IsSaturatedWhenHalfOfTheRepetitionsAre) {
  const Cell cell = OpenCell(Arrivals::kPoisson);
  const TrialMeasurement good = TrialOf(Use(500, 500));
  const TrialMeasurement bad = TrialOf(Use(500, 100, 300));
  EXPECT_FALSE(Summarize(cell, {good, good, bad})->saturated);
  EXPECT_TRUE(Summarize(cell, {good, bad})->saturated);
  EXPECT_TRUE(Summarize(cell, {good, bad, bad})->saturated);
}

TEST(OpenLoadSummary, IsNoneUnderClosedLoad) {
  EXPECT_FALSE(Summarize({}, {TrialMeasurement{}}));
}

}  // namespace
}  // namespace coresweep
