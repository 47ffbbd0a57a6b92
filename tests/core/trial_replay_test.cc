#include "harness/core/trial_replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/error.h"
#include "tests/support/example_sweep.h"

namespace coresweep {
namespace {

using ::testing::HasSubstr;

const std::vector<Trial> kTrials = {{2, 0}, {0, 0}, {1, 0}, {0, 1}};

std::vector<TrialResult> Records(const std::vector<Trial>& trials) {
  std::vector<TrialResult> records;
  for (const Trial& trial : trials)
    records.push_back({trial, 0, example::GoodMeasurement(1)});
  return records;
}

std::string ReplayErrorOf(const std::vector<Trial>& records) {
  ListSchedule schedule(kTrials);
  try {
    ReplayTrials(schedule, Records(records));
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(ReplayTrials, TheScheduleGoesOnAfterTheLastRecord) {
  ListSchedule schedule(kTrials);
  ReplayTrials(schedule, Records({{2, 0}, {0, 0}}));
  EXPECT_EQ(schedule.Next(), (Trial{1, 0}));
}

TEST(ReplayTrials, NothingAndAllAreNoSpecialCases) {
  ListSchedule none(kTrials);
  ReplayTrials(none, {});
  EXPECT_EQ(none.Next(), kTrials[0]);
  ListSchedule all(kTrials);
  ReplayTrials(all, Records(kTrials));
  EXPECT_EQ(all.Next(), std::nullopt);
}

TEST(ReplayTrials, RefusesAnotherCellRepetitionOrRole) {
  EXPECT_THAT(ReplayErrorOf({{2, 0}, {1, 0}}),
              HasSubstr("trial 2 is of cell 1, repetition 0 (cell), where this sweep has cell 0, "
                        "repetition 0 (cell)"));
  EXPECT_THAT(ReplayErrorOf({{2, 1}}), HasSubstr("trial 1 "));
  EXPECT_THAT(ReplayErrorOf({{2, 0, TrialRole::kRace}}), HasSubstr("trial 1 "));
}

TEST(ReplayTrials, RefusesMoreThanThereAre) {
  EXPECT_THAT(ReplayErrorOf({{2, 0}, {0, 0}, {1, 0}, {0, 1}, {1, 1}}),
              HasSubstr("trial 5 is of cell 1, repetition 1 (cell), where this sweep has come"));
}

}  // namespace
}  // namespace coresweep
