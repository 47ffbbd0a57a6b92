#include "harness/core/gate_rule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "harness/base/error.h"

namespace coresweep {
namespace {

/// `count` differences of `percent`.
std::vector<double> Blocks(int count, double percent) {
  return std::vector<double>(static_cast<size_t>(count), std::log1p(percent / 100));
}

std::vector<double> operator+(std::vector<double> a, const std::vector<double>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

TEST(IsLook, FirstThenEverySoManyAndTheLast) {
  GateRule rule;
  rule.most_blocks = 15;
  std::vector<int64_t> looks;
  for (int64_t blocks = 0; blocks <= 15; ++blocks) {
    if (IsLook(rule, blocks)) looks.push_back(blocks);
  }
  EXPECT_THAT(looks, testing::ElementsAre(6, 8, 10, 12, 14, 15));
}

TEST(JudgeMetric, CountsBothMarginsByHand) {
  // 12 blocks: 3 at −1 %, 1 at +3 %, 8 at +6 %.
  const auto judged = JudgeMetric({Blocks(3, -1) + Blocks(1, 3) + Blocks(8, 6)}, GateRule{}, 1);
  EXPECT_EQ(judged.blocks, 12);
  EXPECT_EQ(judged.unmeasured, 0);
  EXPECT_NEAR(judged.ratio.value(), 1.06, 1e-12);
  EXPECT_EQ(judged.above_tolerated, 9);
  EXPECT_EQ(judged.below_tolerated, 3);
  EXPECT_EQ(judged.above_must_catch, 8);
  EXPECT_EQ(judged.below_must_catch, 4);
  EXPECT_NEAR(judged.e_regressed, 2.682440435479, 1e-12);  // E(9, 3), exact rational by Python
  EXPECT_EQ(judged.state, MetricState::kOpen);
  EXPECT_FALSE(judged.grey_zone);
  EXPECT_NEAR(judged.low.value(), 0.99, 1e-12);
  EXPECT_NEAR(judged.high.value(), 1.06, 1e-12);
}

TEST(JudgeMetric, NineBlocksOnOneSideAreTheFirstProof) {
  const GateRule rule;
  EXPECT_EQ(JudgeMetric({Blocks(8, 10)}, rule, 1).state, MetricState::kOpen);
  EXPECT_EQ(JudgeMetric({Blocks(9, 10)}, rule, 1).state, MetricState::kRegressed);
  EXPECT_EQ(JudgeMetric({Blocks(8, 0)}, rule, 1).state, MetricState::kOpen);
  EXPECT_EQ(JudgeMetric({Blocks(9, 0)}, rule, 1).state, MetricState::kClean);
}

/// A regression must reach K/alpha, cleanness of one metric 1/alpha.
TEST(JudgeMetric, ManyMetricsAskMoreOfAFailAndNotOfAPass) {
  const GateRule rule;
  EXPECT_EQ(JudgeMetric({Blocks(12, 10)}, rule, 10).state, MetricState::kOpen);
  EXPECT_EQ(JudgeMetric({Blocks(13, 10)}, rule, 10).state, MetricState::kRegressed);
  EXPECT_EQ(JudgeMetric({Blocks(9, 0)}, rule, 10).state, MetricState::kClean);
}

TEST(JudgeMetric, ExactlyAtAMarginIsATieAndBetsNothing) {
  const GateRule rule;
  // 51/50 and 1.05·3/3 miss the margins by rounding only.
  std::vector<double> tolerated(40, std::log(51.0) - std::log(50.0));
  const auto at_m = JudgeMetric({tolerated}, rule, 1);
  EXPECT_EQ(at_m.above_tolerated + at_m.below_tolerated, 0);
  EXPECT_EQ(at_m.e_regressed, 1);
  std::vector<double> must_catch(40, std::log(3.15) - std::log(3.0));
  const auto at_big_m = JudgeMetric({must_catch}, rule, 1);
  EXPECT_EQ(at_big_m.above_must_catch + at_big_m.below_must_catch, 0);
  EXPECT_NE(at_big_m.state, MetricState::kClean);
}

TEST(JudgeMetric, BetweenTheMarginsIsGreyAndTheRegressionWins) {
  const auto judged = JudgeMetric({Blocks(9, 3.5)}, GateRule{}, 1);
  EXPECT_TRUE(judged.grey_zone);
  EXPECT_GE(judged.e_clean, 100);
  EXPECT_EQ(judged.state, MetricState::kRegressed);
}

/// 9 of 12 blocks on one side are 9 when the others are ties, and never 12.
TEST(JudgeMetric, UnmeasuredBlocksBetAgainstEitherProof) {
  const GateRule rule;
  EXPECT_EQ(JudgeMetric({Blocks(9, 10), 3}, rule, 1).state, MetricState::kOpen);
  EXPECT_EQ(JudgeMetric({Blocks(9, 0), 3}, rule, 1).state, MetricState::kOpen);
  const auto nothing = JudgeMetric({{}, 120}, rule, 1);
  EXPECT_EQ(nothing.state, MetricState::kOpen);
  EXPECT_EQ(nothing.blocks, 120);
  EXPECT_EQ(nothing.ratio, std::nullopt);
  EXPECT_EQ(nothing.low, std::nullopt);
  EXPECT_EQ(nothing.high, std::nullopt);
  EXPECT_LT(nothing.e_clean, 1e-9);
}

TEST(JudgeMetric, NoBlocksProveNothing) {
  const auto judged = JudgeMetric({}, GateRule{}, 1);
  EXPECT_EQ(judged.state, MetricState::kOpen);
  EXPECT_EQ(judged.ratio, std::nullopt);
}

/// Two series: 12 blocks of which the means alone prove nothing.
MetricJudgement WithBest(std::vector<double> means, std::vector<double> best) {
  return JudgeMetric({std::move(means), 0, std::move(best)}, GateRule{}, 1);
}

TEST(JudgeMetric, TheBetterLaunchesTestifyToARegressionWithHalfOfTheEvidence) {
  const auto judged = WithBest(Blocks(9, 6) + Blocks(3, -1), Blocks(12, 4));
  EXPECT_EQ(judged.above_tolerated, 9);
  EXPECT_EQ(judged.best_tolerated->above, 12);
  EXPECT_EQ(judged.best_tolerated->below, 0);
  // (E(9, 3) + E(12, 0)) / 2, exact rationals by Python.
  EXPECT_NEAR(judged.e_regressed, (2.682440435479 + 743.446258005309) / 2, 1e-9);
  EXPECT_EQ(judged.state, MetricState::kRegressed);
  EXPECT_NEAR(judged.ratio.value(), 1.06, 1e-12);
  EXPECT_NEAR(judged.low.value(), 1.04, 1e-12);
  EXPECT_EQ(judged.high, WithBest(Blocks(9, 6) + Blocks(3, -1), {}).high);
}

TEST(JudgeMetric, NoRegressionThatTheRatioContradicts) {
  const auto judged = WithBest(Blocks(5, 6) + Blocks(7, -1), Blocks(12, 4));
  EXPECT_GE(judged.e_regressed, 100);
  EXPECT_NEAR(judged.ratio.value(), 0.99, 1e-12);
  EXPECT_EQ(judged.state, MetricState::kOpen);
  EXPECT_NEAR(judged.low.value(), 0.99, 1e-12) << "an interval holds its ratio";
}

TEST(JudgeMetric, TheBetterLaunchesSayNothingOfCleanness) {
  const auto judged = WithBest(Blocks(6, 6) + Blocks(6, 1), Blocks(12, -3));
  EXPECT_EQ(judged.e_clean, WithBest(Blocks(6, 6) + Blocks(6, 1), {}).e_clean);
  EXPECT_EQ(judged.state, MetricState::kOpen);
}

TEST(JudgeMetric, UnmeasuredBlocksBetAgainstBothWitnesses) {
  const MetricSeries series{Blocks(9, 10), 3, Blocks(9, 10)};
  const auto judged = JudgeMetric(series, GateRule{}, 1);
  EXPECT_EQ(judged.best_tolerated->below, 3);
  EXPECT_EQ(judged.state, MetricState::kOpen);
  EXPECT_EQ(judged.low, JudgeMetric({series.differences, 3}, GateRule{}, 1).low);
  EXPECT_THROW(JudgeMetric({Blocks(9, 10), 3, Blocks(8, 10)}, GateRule{}, 1), Error);
}

bool Refused(const std::vector<double>& differences, int64_t metrics = 1, int64_t unmeasured = 0) {
  try {
    JudgeMetric({differences, unmeasured}, GateRule{}, metrics);
  } catch (const Error&) {
    return true;
  }
  return false;
}

TEST(JudgeMetric, RefusesWhatIsNoNumber) {
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_FALSE(Refused({0, 1}));
  EXPECT_TRUE(Refused({0, std::nan("")}));
  EXPECT_TRUE(Refused({infinity, 0}));
  EXPECT_TRUE(Refused({-infinity}));
  EXPECT_TRUE(Refused({0}, 0));
  EXPECT_TRUE(Refused({0}, 1, -1));
}

struct BadRule {
  std::string field;
  std::function<void(GateRule&)> spoil;
};

/// What is said of the default rule, spoiled; empty when it is accepted.
std::string Complaint(const BadRule& bad) {
  GateRule rule;
  bad.spoil(rule);
  try {
    CheckGateRule(rule, 1);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(CheckGateRule, NamesTheFieldThatMakesNoSense) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<BadRule> bad{
      {"tolerated", [](GateRule& rule) { rule.tolerated = -0.01; }},
      {"tolerated", [](GateRule& rule) { rule.tolerated = 0.05; }},
      {"tolerated", [=](GateRule& rule) { rule.tolerated = nan; }},
      {"must_catch", [](GateRule& rule) { rule.must_catch = 5; }},
      {"must_catch", [=](GateRule& rule) { rule.must_catch = nan; }},
      {"alpha", [](GateRule& rule) { rule.alpha = 0; }},
      {"alpha", [](GateRule& rule) { rule.alpha = 0.5; }},
      {"alpha", [=](GateRule& rule) { rule.alpha = nan; }},
      {"first_look", [](GateRule& rule) { rule.first_look = 0; }},
      {"look_every", [](GateRule& rule) { rule.look_every = 0; }},
      {"most_blocks", [](GateRule& rule) { rule.most_blocks = 5; }},
      {"most_blocks", [](GateRule& rule) { rule.most_blocks = 1001; }},
      {"most_blocks", [](GateRule& rule) { rule.most_blocks = 8; }},  // 9 are needed
  };
  for (const BadRule& rule : bad) {
    EXPECT_THAT(Complaint(rule), testing::StartsWith("gate: " + rule.field + " is "));
  }
}

TEST(CheckGateRule, AcceptsTheDefaultsAndTheEdges) {
  EXPECT_NO_THROW(CheckGateRule(GateRule{}, 1));
  EXPECT_NO_THROW(CheckGateRule(GateRule{}, 20));
  GateRule rule;
  rule.tolerated = 0;
  rule.most_blocks = 9;
  EXPECT_NO_THROW(CheckGateRule(rule, 1));
  EXPECT_THROW(CheckGateRule(rule, 10), UsageError);  // 13 are needed for ten metrics
}

}  // namespace
}  // namespace coresweep
