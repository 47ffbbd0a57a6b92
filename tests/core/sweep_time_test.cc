#include "harness/core/sweep_time.h"

#include <gtest/gtest.h>

#include "tests/support/example_sweep.h"

namespace coresweep {
namespace {

using example::BadMeasurement;
using example::GoodMeasurement;
using example::MakeCell;

constexpr int64_t kS = 1'000'000'000;

/// Three cells without trials, which are estimated at 2 s each: 0.7 s of start-up, the rest here.
SweepResult Sweep() {
  example::SweepBuilder builder;
  for (const int workers : {1, 2, 3})
    builder.AddCell(MakeCell(Mode::kProcesses, workers));
  builder.sweep().plan.config.warmup_s = 0.3;
  builder.sweep().plan.config.window_s = 1;
  return builder.sweep();
}

void Add(SweepResult& sweep, int cell, TrialMeasurement measurement, int64_t took_ns) {
  sweep.trials.push_back({{cell, 0}, 0, std::move(measurement), took_ns});
}

TEST(SweepTime, CountsTheWindowsOfTrialsThatGaveAThroughput) {
  SweepResult sweep = Sweep();
  Add(sweep, 0, GoodMeasurement(100), kS);  // windows of 500 ms
  Add(sweep, 1, GoodMeasurement(100), kS);
  Add(sweep, 2, BadMeasurement(Outcome::kFailed, "why"), kS);
  sweep.trials.back().measurement.window = {1, 2 * kS};
  sweep.calls = {{0, "", 0, 3 * kS}, {0, "", 2, kS}};
  const SweepTime time = TimeOf(sweep);
  EXPECT_DOUBLE_EQ(time.total_s, 4);
  EXPECT_DOUBLE_EQ(time.measuring_s, 1);
  EXPECT_DOUBLE_EQ(time.NotMeasuringShare().value(), 0.75);
}

TEST(SweepTime, OfASweepThatWasNotTimedThereIsNoShare) {
  SweepResult sweep = Sweep();
  Add(sweep, 0, GoodMeasurement(100), 0);
  EXPECT_EQ(TimeOf(sweep).NotMeasuringShare(), std::nullopt);
}

TEST(ExpectedTrialNs, IsThePlansEstimateBeforeAnyTrial) {
  EXPECT_EQ(ExpectedTrialNs(Sweep(), {1, 0}), 2 * kS);
}

TEST(ExpectedTrialNs, AProbeTellsOfProbesAlone) {
  SweepResult sweep = Sweep();
  Add(sweep, 0, GoodMeasurement(100), kS);
  sweep.trials.back().trial.role = TrialRole::kProbe;
  EXPECT_EQ(ExpectedTrialNs(sweep, {0, 0, TrialRole::kProbe}), kS);
  EXPECT_EQ(ExpectedTrialNs(sweep, {1, 0, TrialRole::kProbe}), kS);
  EXPECT_EQ(ExpectedTrialNs(sweep, {0, 0, TrialRole::kRace}), 2 * kS);
  Add(sweep, 1, GoodMeasurement(100), 3 * kS);
  EXPECT_EQ(ExpectedTrialNs(sweep, {0, 0, TrialRole::kRace}), 3 * kS);
  EXPECT_EQ(ExpectedTrialNs(sweep, {1, 0, TrialRole::kProbe}), kS);
}

TEST(ExpectedTrialNs, IsTheLongestOfTheOthersForACellWithoutTrial) {
  SweepResult sweep = Sweep();
  Add(sweep, 0, GoodMeasurement(100), 3 * kS);
  Add(sweep, 2, GoodMeasurement(100), 5 * kS);
  EXPECT_EQ(ExpectedTrialNs(sweep, {1, 0}), 5 * kS);
}

TEST(ExpectedTrialNs, IsTheLongestOfItsCellWhereItHasTrials) {
  SweepResult sweep = Sweep();
  Add(sweep, 0, GoodMeasurement(100), 9 * kS);
  Add(sweep, 1, GoodMeasurement(100), 4 * kS);
  Add(sweep, 1, BadMeasurement(Outcome::kTimedOut, "why"), 6 * kS);
  Add(sweep, 1, GoodMeasurement(100), 5 * kS);
  EXPECT_EQ(ExpectedTrialNs(sweep, {1, 3}), 6 * kS);
}

TEST(ExpectedTrialNs, AnotherCellsFailureSaysNothing) {
  SweepResult sweep = Sweep();
  Add(sweep, 0, BadMeasurement(Outcome::kTimedOut, "60 s of silence"), 60 * kS);
  EXPECT_EQ(ExpectedTrialNs(sweep, {1, 0}), 2 * kS);
}

TEST(ExpectedTrialNs, RareRequestsMakeALongerWindowThanTheOthersHave) {
  SweepResult sweep = Sweep();
  Load& load = sweep.plan.cells[1].cell.load;
  load.open = true;
  load.rate_per_s = 1;
  Add(sweep, 0, GoodMeasurement(100), 3 * kS);
  const double seconds = 1 + LeastWindowSeconds(load);  // start-up and warm-up are 1 s
  ASSERT_GT(seconds, 3);
  EXPECT_EQ(ExpectedTrialNs(sweep, {1, 0}), static_cast<int64_t>(seconds * kS));
}

TEST(CellsWithoutTrial, OfASearchOnlyThoseItChoosesFrom) {
  SweepResult sweep = Sweep();
  sweep.search.emplace();
  sweep.search->cells = {0, 2};
  Add(sweep, 2, GoodMeasurement(100), kS);
  EXPECT_EQ(CellsWithoutTrial(sweep), 1);
  Add(sweep, 0, GoodMeasurement(100), kS);
  EXPECT_EQ(CellsWithoutTrial(sweep), 0);
}

TEST(CellsWithoutTrial, CountsCellsThatNoTrialOfCameToItsEnd) {
  SweepResult sweep = Sweep();
  EXPECT_EQ(CellsWithoutTrial(sweep), 3);
  Add(sweep, 0, GoodMeasurement(100), kS);
  Add(sweep, 0, GoodMeasurement(100), kS);
  Add(sweep, 1, BadMeasurement(Outcome::kInterrupted, ""), kS);
  EXPECT_EQ(CellsWithoutTrial(sweep), 2);
  Add(sweep, 1, BadMeasurement(Outcome::kFailed, ""), kS);
  EXPECT_EQ(CellsWithoutTrial(sweep), 1);
}

}  // namespace
}  // namespace coresweep
