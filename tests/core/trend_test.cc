#include "harness/core/trend.h"

#include <gtest/gtest.h>

#include "harness/base/error.h"

namespace coresweep {
namespace {

/// Ten runs around `first`, ten around `second`.
TrendSeries TwoLevels(const std::string& metric, double first, double second) {
  TrendSeries series;
  series.metric = metric;
  for (int i = 0; i < 20; ++i) {
    TrendPoint point;
    point.entry = i + 1;
    point.value = (i < 10 ? first : second) * (1 + 0.001 * (i % 3));
    series.points.push_back(point);
  }
  return series;
}

TEST(Trend, LevelsHaveMediansAndRatios) {
  const auto levels = LevelsOf(TwoLevels("throughput", 100, 80), {});
  ASSERT_EQ(levels.size(), 2U);
  EXPECT_EQ(levels[0].first, 0U);
  EXPECT_EQ(levels[0].last, 9U);
  EXPECT_EQ(levels[1].first, 10U);
  EXPECT_EQ(levels[1].last, 19U);
  EXPECT_FALSE(levels[0].ratio || levels[0].p_value || levels[0].worse);
  EXPECT_NEAR(levels[1].ratio.value(), 0.8, 0.002);
  EXPECT_LE(levels[1].p_value.value(), 0.01);
}

TEST(Trend, WhatIsWorseFollowsFromTheMetric) {
  EXPECT_TRUE(LevelsOf(TwoLevels("throughput", 100, 80), {})[1].worse);
  EXPECT_FALSE(LevelsOf(TwoLevels("throughput", 80, 100), {})[1].worse);
  EXPECT_FALSE(LevelsOf(TwoLevels("latency_p99", 100, 80), {})[1].worse);
  EXPECT_TRUE(LevelsOf(TwoLevels("latency_p99", 80, 100), {})[1].worse);
}

TEST(Trend, OneLevelWithoutAChangeNoneWithoutRuns) {
  EXPECT_EQ(LevelsOf(TwoLevels("throughput", 100, 100), {}).size(), 1U);
  TrendSeries nothing;
  nothing.metric = "throughput";
  EXPECT_TRUE(LevelsOf(nothing, {}).empty());
  nothing.metric = "speed";
  EXPECT_THROW(LevelsOf(nothing, {}), UsageError);
}

}  // namespace
}  // namespace coresweep
