// The gate's way from block to block: phases, coins, what ends it. Faults are in
// gate_faults_test.cc.
#include "harness/core/gate_session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "harness/base/error.h"
#include "tests/core/gate_runs.h"

namespace coresweep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Independent Python program; '.' is ABBA, 'X' is BAAB.
TEST(GateCoins, AreTheSameEverywhereAndNewInEachPhase) {
  const std::vector<std::string> golden{"XX.X.XX.....X.X...XXXXXXX...XXXX",
                                        "X..X....XX...XXXXXXXX..X..X.XX..",
                                        ".XXX..X.XXXX....XXX........XX.XX"};
  for (size_t phase = 0; phase < golden.size(); ++phase) {
    std::string orders;
    for (int64_t attempt = 0; attempt < 32; ++attempt) {
      const auto order = OrderOf(1, static_cast<GatePhase>(phase), attempt);
      orders += order == BlockOrder::kAbba ? '.' : 'X';
    }
    EXPECT_EQ(orders, golden[phase]);
  }
}

TEST(GateCoins, OrdersAreMirrored) {
  using enum GateArm;
  EXPECT_THAT(ArmsOf(BlockOrder::kAbba), ElementsAre(kBase, kCandidate, kCandidate, kBase));
  EXPECT_THAT(ArmsOf(BlockOrder::kBaab), ElementsAre(kCandidate, kBase, kBase, kCandidate));
}

TEST(GateSession, EqualArmsPassAtTheFirstLookThatCanProveIt) {
  const GateOutcome outcome =
      RunGate(TimeGate(), [](const GateBlock& asked) { return SlowerBy(asked, 0); });
  EXPECT_EQ(outcome.verdict, GateVerdict::kPass);
  EXPECT_EQ(outcome.reason, "");
  EXPECT_THAT(outcome.failed, IsEmpty());
  EXPECT_EQ(BlocksOf(outcome, GatePhase::kMain), 10);  // looks at 6, 8, 10; nine would suffice
  EXPECT_FALSE(outcome.Phase(GatePhase::kConfirmation));
}

TEST(GateSession, ASlowerArmFailsOnlyAfterConfirmationAndControl) {
  std::vector<GatePhase> started;  // each with fresh blocks
  const GateOutcome outcome = RunGate(TimeGate(), [&](const GateBlock& asked) {
    if (asked.attempt == 0) started.push_back(asked.phase);
    return SlowerBy(asked, 10);
  });
  EXPECT_EQ(outcome.verdict, GateVerdict::kFail);
  EXPECT_THAT(started,
              ElementsAre(GatePhase::kMain, GatePhase::kConfirmation, GatePhase::kNullControl));
  for (const GatePhase phase : started)
    EXPECT_EQ(BlocksOf(outcome, phase), 10);
  EXPECT_THAT(outcome.failed, ElementsAre(0));
  EXPECT_NEAR(outcome.Phase(GatePhase::kMain)->judgements[0].ratio.value(), 1.1, 1e-12);
}

/// A difference above 0 means that B is worse, whichever way the metric counts.
TEST(GateSession, TheMetricSaysWhichWayIsWorse) {
  GateSetup setup = TimeGate();
  const BlockSource doubled = [](const GateBlock& asked) {
    return BlockOf(asked, 1, asked.phase == GatePhase::kNullControl ? 1 : 2);
  };
  EXPECT_EQ(RunGate(setup, doubled).verdict, GateVerdict::kFail);
  setup.metrics[0].higher_is_better = true;
  const GateOutcome faster = RunGate(setup, doubled);
  EXPECT_EQ(faster.verdict, GateVerdict::kPass);
  EXPECT_NEAR(faster.Phase(GatePhase::kMain)->judgements[0].ratio.value(), 0.5, 1e-12);
}

/// Two launches of an arm: a value and a multiple of it.
struct TwoLaunches {
  double first = 1;
  double factor = 1;
};

/// The series after one block of such launches.
MetricSeries SeriesOf(const GateSetup& setup, TwoLaunches base, TwoLaunches candidate) {
  GateSession session(setup);
  BlockResult block = BlockOf(*session.Next(), 1, 1);
  for (GateLaunch& launch : block.launches) {
    TwoLaunches& arm = launch.arm == GateArm::kBase ? base : candidate;
    launch.values[0] = arm.first;
    arm.first *= arm.factor;
  }
  session.Add(block);
  return session.Outcome().Phase(GatePhase::kMain)->series[0];
}

auto OneOf(double difference) {
  return testing::ElementsAre(testing::DoubleNear(difference, 1e-12));
}

/// The means of the logs of two launches each: geometric means.
TEST(GateSession, ABlockMayCompareTheMeans) {
  GateSetup setup = TimeGate();
  setup.block_value = BlockValue::kMean;
  const MetricSeries series = SeriesOf(setup, {1, 4}, {3, 16});  // A: 1 and 4, B: 3 and 48
  EXPECT_THAT(series.differences, OneOf(std::log(6)));
  EXPECT_TRUE(series.best.empty());
}

/// The better launch of each arm: the lesser time, the greater throughput.
TEST(GateSession, ABlockMayCompareTheBetterLaunches) {
  GateSetup setup = TimeGate();
  setup.block_value = BlockValue::kBest;
  EXPECT_THAT(SeriesOf(setup, {2, 4}, {3, 5}).differences, OneOf(std::log(1.5)));
  setup.metrics[0].higher_is_better = true;
  const MetricSeries series = SeriesOf(setup, {2, 4}, {3, 5});  // A: 2 and 8, B: 3 and 15
  EXPECT_THAT(series.differences, OneOf(std::log(8.0 / 15)));
  EXPECT_TRUE(series.best.empty());
}

/// By default: means for everything, the better launches as second witnesses.
TEST(GateSession, ABlockComparesBoth) {
  const MetricSeries series = SeriesOf(TimeGate(), {1, 4}, {3, 16});
  EXPECT_THAT(series.differences, OneOf(std::log(6)));
  EXPECT_THAT(series.best, OneOf(std::log(3)));
}

TEST(GateSession, AFailThatIsNotConfirmedIsInconclusive) {
  const GateOutcome outcome = RunGate(TimeGate(), [](const GateBlock& asked) {
    return SlowerBy(asked, asked.phase == GatePhase::kMain ? 10 : 0);
  });
  EXPECT_EQ(outcome.verdict, GateVerdict::kInconclusive);
  EXPECT_THAT(outcome.reason, HasSubstr("10 fresh blocks did not confirm it"));
  EXPECT_FALSE(outcome.Phase(GatePhase::kNullControl));
}

/// ±10 % turn by turn: never decided.
BlockResult Undecided(const GateBlock& asked) {
  return SlowerBy(asked, asked.attempt % 2 == 0 ? 10 : -10);
}

TEST(GateSession, AnOpenConfirmationIsInconclusiveAtTheCap) {
  const GateOutcome outcome = RunGate(TimeGate(), [](const GateBlock& asked) {
    return asked.phase == GatePhase::kMain ? SlowerBy(asked, 10) : Undecided(asked);
  });
  EXPECT_EQ(outcome.verdict, GateVerdict::kInconclusive);
  EXPECT_THAT(outcome.reason, HasSubstr("120 fresh blocks did not confirm it"));
}

TEST(GateSession, AnOpenMainBatchIsInconclusiveAtTheCap) {
  const GateOutcome outcome = RunGate(TimeGate(), Undecided);
  EXPECT_EQ(outcome.verdict, GateVerdict::kInconclusive);
  EXPECT_THAT(outcome.reason, HasSubstr("120 blocks"));
  EXPECT_EQ(BlocksOf(outcome, GatePhase::kMain), 120);
}

GateOutcome WithControl(const std::function<double(const GateBlock&)>& percent) {
  return RunGate(TimeGate(), [&](const GateBlock& asked) {
    const bool control = asked.phase == GatePhase::kNullControl;
    return BlockOf(asked, 1, 1 + (control ? percent(asked) : 10) / 100);
  });
}

TEST(GateSession, AControlThatFailsMeansContamination) {
  const GateOutcome outcome = WithControl([](const GateBlock&) { return 10; });
  EXPECT_EQ(outcome.verdict, GateVerdict::kUnfit);
  EXPECT_THAT(outcome.reason, HasSubstr("contaminated"));
}

/// Open at the cap, around 0: its interval ends at +5.5 %, below the +10 % found.
TEST(GateSession, AnOpenControlStillClearsAnEffectBeyondItsInterval) {
  const auto wide = [](const GateBlock& asked) { return asked.attempt % 2 == 0 ? 5.5 : -5.5; };
  EXPECT_EQ(WithControl(wide).verdict, GateVerdict::kFail);
}

TEST(GateSession, AControlAsWideAsTheEffectTakesTheFailAway) {
  const auto wide = [](const GateBlock& asked) { return asked.attempt % 2 == 0 ? 10.5 : -10.5; };
  const GateOutcome outcome = WithControl(wide);
  EXPECT_EQ(outcome.verdict, GateVerdict::kInconclusive);
  EXPECT_THAT(outcome.reason, HasSubstr("could not be shown equal to a copy of itself"));
}

/// A label that alone makes 3.5 % proves "below 5 %" as soon as "above 2 %": not clean. And one
/// that makes 2.5 % in two of three blocks is below 5 % for certain, above 2 % not: no clean bill
/// either.
TEST(GateSession, AControlInTheGreyZoneIsNotClean) {
  EXPECT_EQ(WithControl([](const GateBlock&) { return 3.5; }).verdict, GateVerdict::kUnfit);
  GateSetup setup = TimeGate();
  setup.rule.most_blocks = 20;
  const GateOutcome outcome = RunGate(setup, [](const GateBlock& asked) {
    const bool control = asked.phase == GatePhase::kNullControl;
    return BlockOf(asked, 1, control ? (asked.attempt % 3 == 0 ? 1.0 : 1.025) : 1.045);
  });
  EXPECT_EQ(outcome.Phase(GatePhase::kNullControl)->judgements[0].state, MetricState::kClean);
  EXPECT_EQ(outcome.verdict, GateVerdict::kInconclusive);
}

/// Two metrics: the first slower by `first` percent, the second by `second`.
GateOutcome RunTwo(const std::function<double(const GateBlock&, size_t metric)>& percent) {
  GateSetup setup = TimeGate();
  setup.metrics.push_back({"peak_memory", "bytes", false});
  return RunGate(setup, [&](const GateBlock& asked) {
    BlockResult block = BlockOf(asked, 1, 1, 2);
    for (GateLaunch& launch : block.launches) {
      if (launch.arm == GateArm::kBase || asked.phase == GatePhase::kNullControl) continue;
      for (size_t m = 0; m < 2; ++m)
        launch.values[m] = 1 + percent(asked, m) / 100;
    }
    return block;
  });
}

TEST(GateSession, OneMetricThatRegressesFailsTheGate) {
  const auto outcome = RunTwo([](const GateBlock&, size_t metric) { return metric == 1 ? 20 : 0; });
  EXPECT_EQ(outcome.verdict, GateVerdict::kFail);
  EXPECT_THAT(outcome.failed, ElementsAre(1));
}

TEST(GateSession, EveryMetricMustBeClean) {
  const auto outcome = RunTwo([](const GateBlock& asked, size_t metric) {
    return metric == 1 ? (asked.attempt % 2 == 0 ? 10 : -10) : 0;
  });
  EXPECT_EQ(outcome.verdict, GateVerdict::kInconclusive);
  EXPECT_EQ(outcome.Phase(GatePhase::kMain)->judgements[0].state, MetricState::kClean);
}

TEST(GateSession, AnotherMetricDoesNotConfirmTheFirst) {
  const auto outcome = RunTwo([](const GateBlock& asked, size_t metric) {
    return (asked.phase == GatePhase::kMain) == (metric == 0) ? 10 : 0;
  });
  EXPECT_EQ(outcome.verdict, GateVerdict::kInconclusive);
}

TEST(GateSession, OnlyWhatFailsAgainIsReported) {
  const auto outcome = RunTwo([](const GateBlock& asked, size_t metric) {
    return asked.phase == GatePhase::kMain || metric == 1 ? 10 : 0;
  });
  EXPECT_EQ(outcome.verdict, GateVerdict::kFail);
  EXPECT_THAT(outcome.failed, ElementsAre(1));
}

/// B slower by 10 %, stopped after `blocks` blocks: 10 in each phase.
GateOutcome StoppedAfter(int blocks) {
  GateSession session(TimeGate());
  for (int i = 0; i < blocks; ++i)
    session.Add(SlowerBy(*session.Next(), 10));
  session.Stop("the budget of 10 m is used up");
  EXPECT_FALSE(session.Next());
  return session.Outcome();
}

TEST(GateSession, AStopIsInconclusiveInEveryPhase) {
  for (int blocks = 0; blocks < 30; ++blocks) {
    EXPECT_EQ(StoppedAfter(blocks).verdict, GateVerdict::kInconclusive) << blocks;
  }
  const std::string cut = "the main batch failed on wall_time, and the ";
  EXPECT_EQ(StoppedAfter(9).reason, "the budget of 10 m is used up");
  EXPECT_EQ(StoppedAfter(10).reason,
            cut + "confirmation was cut short: the budget of 10 m is used up");
  EXPECT_EQ(StoppedAfter(29).reason,
            cut + "null control was cut short: the budget of 10 m is used up");
}

TEST(GateSession, AStopAfterTheEndChangesNothing) {
  GateSession session(TimeGate());
  while (const auto asked = session.Next())
    session.Add(SlowerBy(*asked, 0));
  session.Stop("too late");
  EXPECT_EQ(session.Outcome().verdict, GateVerdict::kPass);
  EXPECT_EQ(session.Outcome().reason, "");
}

TEST(GateSession, IdenticalArmsAreRefusedUnlessAskedFor) {
  GateSetup setup = TimeGate();
  setup.identical_arms = true;
  const GateSession refused(setup);
  EXPECT_TRUE(refused.Over());
  EXPECT_FALSE(refused.Next());
  EXPECT_EQ(refused.Outcome().verdict, GateVerdict::kUsage);
  setup.same_arms_asked = true;
  EXPECT_FALSE(GateSession(setup).Over());
}

TEST(GateSession, NoMetricIsAUsageErrorAndABadRuleThrows) {
  GateSetup setup = TimeGate();
  setup.metrics.clear();
  EXPECT_EQ(GateSession(setup).Outcome().verdict, GateVerdict::kUsage);
  setup = TimeGate();
  setup.rule.most_blocks = 0;
  EXPECT_THROW(GateSession{setup}, UsageError);
}

TEST(GateSession, TheSameBlocksGiveTheSameVerdictAgain) {
  const auto noisy = [](const GateBlock& asked) {
    return SlowerBy(asked, 4 + static_cast<double>(asked.attempt * 7 % 11) - 5);
  };
  const GateOutcome once = RunGate(TimeGate(), noisy);
  const GateOutcome again = RunGate(TimeGate(), noisy);
  EXPECT_EQ(once.verdict, again.verdict);
  EXPECT_EQ(once.reason, again.reason);
  EXPECT_EQ(once.Phase(GatePhase::kMain)->judgements[0].e_regressed,
            again.Phase(GatePhase::kMain)->judgements[0].e_regressed);
}

}  // namespace
}  // namespace coresweep
