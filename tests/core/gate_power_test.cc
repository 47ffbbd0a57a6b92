#include "harness/core/gate_power.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <vector>

#include "harness/core/counter_random.h"

namespace coresweep {
namespace {

constexpr uint64_t kSeed = 1;

/// `blocks` differences spread evenly over ±`half` round `centre`.
MetricSeries Even(int64_t blocks, double half, double centre = 0) {
  MetricSeries series;
  for (int64_t i = 0; i < blocks; ++i) {
    const double part = static_cast<double>(i) / static_cast<double>(blocks - 1);
    series.differences.push_back(centre + half * (2 * part - 1));
  }
  return series;
}

TEST(EstimatePower, WithoutNoiseTheToleratedMarginIsTheSmallestEffect) {
  const GatePower power = EstimatePower({std::vector<double>(10, 0.1), 0}, GateRule{}, 1, kSeed);
  EXPECT_EQ(power.no_detectable, "");
  EXPECT_NEAR(power.detectable.value(), 0.02, 1e-9);
}

TEST(EstimatePower, MoreNoiseOrFewerBlocksHideMore) {
  const GateRule rule;
  const double little = EstimatePower(Even(200, 0.02), rule, 1, kSeed).detectable.value();
  const double more = EstimatePower(Even(200, 0.10), rule, 1, kSeed).detectable.value();
  GateRule brief = rule;
  brief.most_blocks = 20;
  const double fewer = EstimatePower(Even(200, 0.10), brief, 1, kSeed).detectable.value();
  const double ten = EstimatePower(Even(200, 0.10), rule, 10, kSeed).detectable.value();
  EXPECT_LT(little, more);
  EXPECT_LT(more, fewer);
  EXPECT_LT(more, ten);
}

/// Little noise, ±0.5 %: every effect below M − 0.5 % has passed at the tenth block unless it
/// failed there, which takes nearly all of ten blocks above m. More blocks later do not help it.
TEST(EstimatePower, AnEffectThatPassedBeforeIsNotCaughtLater) {
  const double effect = EstimatePower(Even(200, 0.005), GateRule{}, 1, kSeed).detectable.value();
  EXPECT_GT(effect, 0.024);
  EXPECT_LT(effect, 0.0255);
}

TEST(EstimatePower, TheRunsOwnEffectDoesNotCount) {
  const GateRule rule;
  EXPECT_NEAR(EstimatePower(Even(20, 0.05, 0.5), rule, 1, kSeed).detectable.value(),
              EstimatePower(Even(20, 0.05, 0), rule, 1, kSeed).detectable.value(), 1e-9);
}

/// Of 500 gates of blocks drawn from `series` afresh, how many fail where B is worse by `effect`.
int FailedAt(const MetricSeries& series, double effect) {
  const GateRule rule;
  int failed = 0;
  for (uint64_t gate = 0; gate < 500; ++gate) {
    const CounterRandom words(99, gate);
    MetricSeries drawn;
    MetricState state = MetricState::kOpen;
    while (state == MetricState::kOpen && drawn.differences.size() < 120) {
      const uint64_t word = words.Word(drawn.differences.size());
      const size_t block = (word >> 8U) % series.differences.size();
      const double sign = (word & 1U) != 0 ? 1 : -1;
      drawn.differences.push_back(effect + sign * series.differences[block]);
      if (!series.best.empty()) drawn.best.push_back(effect + sign * series.best[block]);
      if (IsLook(rule, std::ssize(drawn.differences))) state = JudgeMetric(drawn, rule, 1).state;
    }
    failed += state == MetricState::kRegressed ? 1 : 0;
  }
  return failed;
}

/// The claim itself, by another way: gates drawn afresh at that effect FAIL nine times in ten.
TEST(EstimatePower, NineOfTenGatesFailAtTheDetectableEffect) {
  MetricSeries series = Even(40, 0.15);
  const auto detectable = [&] {
    return EstimatePower(series, GateRule{}, 1, kSeed).detectable.value();
  };
  const double by_mean = detectable();
  // ± the error of 1000 replays and of 500 gates, four times
  EXPECT_NEAR(FailedAt(series, std::log1p(by_mean)), 450, 40);
  series.best = Even(40, 0.03).differences;  // a quieter second witness
  EXPECT_LT(detectable(), 0.8 * by_mean);
  EXPECT_NEAR(FailedAt(series, std::log1p(detectable())), 450, 40);
}

/// One witness alone takes twice the evidence: ten blocks of ten, where nine suffice if both agree.
TEST(EstimatePower, AWitnessAloneTakesTwiceTheEvidence) {
  const auto detectable = [](const MetricSeries& series, int64_t most_blocks) {
    GateRule rule;
    rule.most_blocks = most_blocks;
    return EstimatePower(series, rule, 1, kSeed).detectable.value();
  };
  MetricSeries series = Even(10, 0);
  series.best = series.differences;  // neither has noise
  EXPECT_NEAR(detectable(series, 9), 0.02, 1e-9);
  series.differences = Even(10, 0.01).differences;
  // In nine blocks every mean must be above too, although none of the better launches varies.
  EXPECT_NEAR(detectable(series, 9), 0.03, 0.001);
  // In ten not, but the ratio of the means must be.
  EXPECT_NEAR(detectable(series, 10), 0.025, 0.003);
}

TEST(EstimatePower, BlocksNeededAreThoseToTheFirstLookThatDecides) {
  const GateRule rule;
  // Eight at 0 %: the next look is at ten, where nine suffice.
  EXPECT_EQ(EstimatePower({std::vector<double>(8, 0.0), 0}, rule, 1, kSeed).blocks_needed, 2);
  EXPECT_EQ(EstimatePower({std::vector<double>(7, 0.0), 0}, rule, 1, kSeed).blocks_needed, 3);
  EXPECT_EQ(EstimatePower({std::vector<double>(10, 0.0), 0}, rule, 1, kSeed).blocks_needed, 0);
}

TEST(EstimatePower, BlocksNeededCountWhatSpeaksAgainst) {
  const GateRule rule;
  MetricSeries series{std::vector<double>(9, 0.0), 0};
  series.differences.insert(series.differences.end(), 4, 0.10);
  const auto mixed = EstimatePower(series, rule, 1, kSeed).blocks_needed;
  series.unmeasured = 6;
  const auto unmeasured = EstimatePower(series, rule, 1, kSeed).blocks_needed;
  EXPECT_GT(mixed.value(), 2);
  EXPECT_GT(unmeasured.value(), mixed.value());
}

TEST(EstimatePower, SaysWhyThereIsNoFigure) {
  const GateRule rule;
  const GatePower few = EstimatePower({std::vector<double>(5, 0.0), 3}, rule, 1, kSeed);
  EXPECT_EQ(few.detectable, std::nullopt);
  EXPECT_EQ(few.no_detectable, "only 5 blocks were measured, 6 are needed to know the noise");
  EXPECT_EQ(few.blocks_needed, std::nullopt);
  // Launches in two modes a factor two apart: half of the blocks above any margin for ever.
  MetricSeries modes{std::vector<double>(20, 0.7), 0};
  for (size_t i = 0; i < 10; ++i)
    modes.differences[i] = -0.7;
  const GatePower loud = EstimatePower(modes, rule, 1, kSeed);
  EXPECT_EQ(loud.no_blocks_needed, "more than 1000 blocks");
  EXPECT_NEAR(loud.detectable.value(), 1.02 * std::exp(0.7) - 1, 1e-9);  // beyond both modes
}

TEST(EstimatePower, IsTheSameForTheSameSeed) {
  const GateRule rule;
  const MetricSeries series = Even(200, 0.10);
  const auto detectable = [&](uint64_t seed) {
    return EstimatePower(series, rule, 1, seed).detectable.value();
  };
  EXPECT_EQ(detectable(7), detectable(7));
  EXPECT_NEAR(detectable(7), detectable(8), 0.01);
  std::set<double> several;
  for (uint64_t seed = 0; seed < 5; ++seed)
    several.insert(detectable(seed));
  EXPECT_GT(several.size(), 1U);  // the seed is used
}

}  // namespace
}  // namespace coresweep
