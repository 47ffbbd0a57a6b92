#include "harness/core/steady_state.h"

#include <gmock/gmock.h>

#include <cmath>

namespace coresweep {
namespace {

using testing::DoubleEq;
using testing::ElementsAre;
using testing::HasSubstr;

/// One worker from 0 on, the window from 100 to 300: chunks of 1 item that take `before` until 200
/// and `after` from then on.
TrialMeasurement TrialOf(int64_t before, int64_t after) {
  TrialMeasurement trial;
  trial.gate_ns = 0;
  trial.window = {100, 300};
  for (int64_t now = 0; now < 320;) {
    ChunkSample sample;
    sample.items = 1;
    sample.started_ns = now;
    now += now < 200 ? before : after;
    sample.computed_ns = now;
    trial.samples.push_back(sample);
  }
  return trial;
}

TEST(WorkCurveOf, CountsChunksInProportionFromTheGateToTheEndOfTheWindow) {
  TrialMeasurement trial;
  trial.gate_ns = 1000;
  trial.window = {1200, 1400};
  ChunkSample sample;
  sample.items = 4;
  sample.started_ns = 1050;
  sample.computed_ns = 1250;
  trial.samples = {sample};
  trial.sample_stride = 2;
  const WorkCurve curve = WorkCurveOf(trial, 4);
  EXPECT_EQ(curve.bin_ns, 100);
  EXPECT_THAT(curve.items, ElementsAre(DoubleEq(2), DoubleEq(4), DoubleEq(2), DoubleEq(0)));
  EXPECT_EQ(WorkCurveOf({}, 4), WorkCurve{});
}

TEST(WindowDrift, IsTheLogOfTheSecondHalfOverTheFirst) {
  EXPECT_NEAR(WindowDrift(TrialOf(10, 10)).value(), 0, 1e-12);
  EXPECT_NEAR(WindowDrift(TrialOf(10, 5)).value(), std::log(2.0), 1e-12);
  EXPECT_NEAR(WindowDrift(TrialOf(5, 10)).value(), -std::log(2.0), 1e-12);
}

TEST(WindowDrift, NeedsSixteenChunks) {
  EXPECT_EQ(WindowDrift(TrialOf(20, 20)), std::nullopt);
  EXPECT_EQ(WindowDrift({}), std::nullopt);
}

TEST(WarmUpBins, LeaveOutWhatIsNotLikeTheRest) {
  const std::vector<double> warming{1, 4, 10, 11, 9, 10, 11, 9, 10, 10};
  EXPECT_EQ(WarmUpBins(warming, 10), 2U);
  EXPECT_EQ(WarmUpBins(warming, 1), 1U) << "at most";
  EXPECT_EQ(WarmUpBins(std::vector<double>{10, 11, 9, 10, 11, 9, 10, 10}, 4), 0U);
  EXPECT_EQ(WarmUpBins(std::vector<double>(20, 7), 10), 0U) << "all equal";
  EXPECT_EQ(WarmUpBins(std::vector<double>{1, 2, 3}, 3), 0U);
}

TEST(WarmUpBins, AreThoseOfTheRuleWorkedOutByHand) {
  // Of 0, 6, 6, 6: Σ(x − 4.5)² / 16 = 27 / 16; from the second on 0.
  EXPECT_EQ(WarmUpBins(std::vector<double>{0, 6, 6, 6}, 2), 1U);
  // Of 5, 6, 6, 7: 2 / 16 = 0.125; from the second on 0.667 / 9 = 0.074; from the third on 0.125.
  EXPECT_EQ(WarmUpBins(std::vector<double>{5, 6, 6, 7}, 2), 1U);
}

TEST(JudgeSteadiness, TellsAModelThatWarmsUpFromALoadThatComesAndGoes) {
  const SteadyState warming = JudgeSteadiness(std::vector<double>(8, 0.05));
  EXPECT_EQ(warming.steady, false);
  EXPECT_EQ(warming.faster, 8);
  EXPECT_EQ(UnsteadyWarning(warming),
            "not steady: the second half of the window was 5.1 % faster than the first, in 8 of 8 "
            "windows: it began before all was warm; raise --warmup-s");
  EXPECT_EQ(JudgeSteadiness(std::vector<double>{.4, -.3, .5, -.4, .2, -.6, .3, .4, .2, -.1}).steady,
            true);
}

TEST(JudgeSteadiness, SaysNothingOfWhatIsSmallOrSeldom) {
  EXPECT_EQ(JudgeSteadiness(std::vector<double>(50, 0.015)).steady, true);
  const SteadyState few = JudgeSteadiness(std::vector<double>(7, 0.5));
  EXPECT_EQ(few.steady, std::nullopt);
  EXPECT_THAT(few.why_unknown, HasSubstr("there were 7"));
  EXPECT_EQ(UnsteadyWarning(few), "");
}

TEST(JudgeSteadiness, SeesWhatBecomesSlowerToo) {
  const SteadyState slowing = JudgeSteadiness(std::vector<double>(9, -0.1));
  EXPECT_EQ(slowing.steady, false);
  EXPECT_THAT(UnsteadyWarning(slowing), HasSubstr("9.5 % slower than the first, in 9 of 9"));
}

}  // namespace
}  // namespace coresweep
