#include "harness/core/selftest_score.h"

#include <gtest/gtest.h>

namespace coresweep {
namespace {

SelftestRow Row(double planted, int64_t passed, int64_t failed, int64_t inconclusive = 0) {
  return {planted, passed, failed, inconclusive, 0, {}};
}

TEST(SelftestScore, CountsAGateByItsVerdictAndTheBlocksOfItsMainBatch) {
  GateOutcome outcome;
  outcome.verdict = GateVerdict::kFail;
  outcome.phases[0] = PhaseOutcome{12, 0, {}, {}};
  outcome.phases[1] = PhaseOutcome{30, 0, {}, {}};
  SelftestRow row;
  Count(outcome, row);
  outcome.verdict = GateVerdict::kPass;
  Count(outcome, row);
  outcome.verdict = GateVerdict::kInconclusive;
  Count(outcome, row);
  outcome.verdict = GateVerdict::kUnfit;
  Count(outcome, row);
  EXPECT_EQ(row.failed, 1);
  EXPECT_EQ(row.passed, 1);
  EXPECT_EQ(row.inconclusive, 1);
  EXPECT_EQ(row.other, 1);
  EXPECT_EQ(row.blocks, (std::vector<int64_t>{12, 12, 12, 12}));
}

TEST(SelftestScore, IsTrustworthyWhenNothingFailedOnNothingAndAllWasFound) {
  EXPECT_EQ(Judge({Row(0, 5, 0), Row(0.05, 0, 5), Row(0.1, 0, 5)}, GateRule{}),
            SelftestVerdict::kTrustworthy);
}

TEST(SelftestScore, IsUntrueWhenChanceCannotExplainWhatHappened) {
  // 3 of 20 gates failed on nothing: the lower limit is above 3 %.
  EXPECT_EQ(Judge({Row(0, 17, 3), Row(0.05, 0, 5), Row(0.1, 0, 5)}, GateRule{}),
            SelftestVerdict::kUntrue);
  // 10 of 20 found: the upper limit is below 73 %.
  EXPECT_EQ(Judge({Row(0, 20, 0), Row(0.05, 10, 10), Row(0.1, 0, 5)}, GateRule{}),
            SelftestVerdict::kUntrue);
}

TEST(SelftestScore, SaysSoWhenThereIsTooLittle) {
  EXPECT_EQ(Judge({Row(0, 5, 0), Row(0.05, 0, 5), Row(0.1, 0, 0)}, GateRule{}),
            SelftestVerdict::kTooFew);
  EXPECT_EQ(Judge({Row(0, 5, 0), Row(0.05, 0, 4, 1), Row(0.1, 0, 5)}, GateRule{}),
            SelftestVerdict::kTooFew);
  EXPECT_EQ(Judge({Row(0, 99, 1), Row(0.05, 0, 4), Row(0.1, 0, 5)}, GateRule{}),
            SelftestVerdict::kTooFew);
  EXPECT_EQ(Judge({}, GateRule{}), SelftestVerdict::kTooFew);
}

TEST(SelftestScore, KeepsTheFirstVerdictThatIsNoneOfTheThree) {
  SelftestRow row;
  GateOutcome outcome;
  for (const char* reason : {"first", "second"}) {
    outcome.verdict = GateVerdict::kUnfit;
    outcome.reason = reason;
    Count(outcome, row);
  }
  EXPECT_EQ(row.other, 2);
  EXPECT_EQ(row.first_other, "UNFIT: first");
}

TEST(SelftestScore, AsksForNoFailUpToTheMarginAndForNothingBetweenTheMargins) {
  EXPECT_EQ(Judge({Row(0.02, 17, 3)}, GateRule{}), SelftestVerdict::kUntrue);
  EXPECT_EQ(Judge({Row(0.02, 20, 0)}, GateRule{}), SelftestVerdict::kTrustworthy);
  EXPECT_EQ(Judge({Row(0.03, 10, 10)}, GateRule{}), SelftestVerdict::kTrustworthy);
  EXPECT_EQ(Judge({Row(0.03, 0, 0)}, GateRule{}), SelftestVerdict::kTooFew);
}

}  // namespace
}  // namespace coresweep
