#include "harness/run/process_trial_runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coresweep {
namespace {

using testing::HasSubstr;

TEST(Judge, AGoodTrialStaysGood) {
  TrialMeasurement measurement;
  measurement.chunks = 3;
  measurement.items_in_window = 2.5;
  measurement.ordering.completion_inversions = 5;  // no fault: the merge puts them right
  Judge(TrialRole::kCell, measurement);
  EXPECT_EQ(measurement.outcome, Outcome::kOk);
  EXPECT_EQ(measurement.message, "");
}

TEST(Judge, WrongAnswersAreIncorrect) {
  TrialMeasurement measurement;
  measurement.chunks = 3;
  measurement.output = {50, 40, 7, 0.25};
  measurement.ordering.missing = 1;
  Judge(TrialRole::kCell, measurement);
  EXPECT_EQ(measurement.outcome, Outcome::kIncorrect);
  EXPECT_THAT(measurement.message, HasSubstr("7 of 50 answers differ"));
  EXPECT_THAT(measurement.message, HasSubstr("0.25"));
}

TEST(Judge, CorruptedAnswersAreIncorrect) {
  TrialMeasurement measurement;
  measurement.chunks = 3;
  measurement.ordering.corrupted = 2;
  Judge(TrialRole::kCell, measurement);
  EXPECT_EQ(measurement.outcome, Outcome::kIncorrect);
  EXPECT_THAT(measurement.message, HasSubstr("2 changed on the way"));
}

TEST(Judge, MissingRepeatedOrMisplacedAnswersAreDisordered) {
  for (const auto field :
       {&OrderingCounts::missing, &OrderingCounts::duplicated, &OrderingCounts::misplaced}) {
    TrialMeasurement measurement;
    measurement.chunks = 3;
    measurement.ordering.*field = 4;
    Judge(TrialRole::kCell, measurement);
    EXPECT_EQ(measurement.outcome, Outcome::kDisordered);
    EXPECT_THAT(measurement.message, HasSubstr("4 "));
  }
}

TEST(Judge, ATrialWithoutAChunkFailed) {
  TrialMeasurement measurement;
  Judge(TrialRole::kCell, measurement);
  EXPECT_EQ(measurement.outcome, Outcome::kFailed);
  EXPECT_THAT(measurement.message, HasSubstr("--window-s"));
}

TEST(Judge, AProbeNeedsAnswersButNoneInItsWindow) {
  TrialMeasurement measurement;
  measurement.ordering.answers = 8;
  Judge(TrialRole::kProbe, measurement);
  EXPECT_EQ(measurement.outcome, Outcome::kOk);
  measurement.ordering.answers = 0;
  Judge(TrialRole::kProbe, measurement);
  EXPECT_EQ(measurement.outcome, Outcome::kFailed);
  EXPECT_THAT(measurement.message, HasSubstr("no item was answered"));
}

}  // namespace
}  // namespace coresweep
