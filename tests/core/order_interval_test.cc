#include "harness/core/order_interval.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <vector>

namespace coresweep {
namespace {

std::vector<double> OneTo(int count) {
  std::vector<double> values(static_cast<size_t>(count));
  std::iota(values.rbegin(), values.rend(), 1.0);  // descending: order must not matter
  return values;
}

TEST(EstimateMedian, OfSixValuesSpansThemAll) {
  const auto estimate = EstimateMedian(OneTo(6));
  EXPECT_EQ(estimate.median, 3.5);
  EXPECT_EQ(estimate.low, 1);
  EXPECT_EQ(estimate.high, 6);
  EXPECT_EQ(estimate.confidence, 1 - 2.0 / 64);
  EXPECT_EQ(estimate.values, 6);
  EXPECT_EQ(estimate.Method(), "order statistics, 96.8 %");
  EXPECT_EQ(estimate.why_null, "");
}

TEST(EstimateMedian, LeavesOutAsManyValuesAsItsConfidenceAllows) {
  const auto nine = EstimateMedian(OneTo(9));
  EXPECT_EQ(nine.low, 2);
  EXPECT_EQ(nine.high, 8);
  EXPECT_EQ(nine.confidence, 1 - 2 * 10.0 / 512);

  const auto twelve = EstimateMedian(OneTo(12));
  EXPECT_EQ(twelve.low, 3);
  EXPECT_EQ(twelve.high, 10);
  EXPECT_EQ(twelve.confidence, 1 - 2 * 79.0 / 4096);

  const auto sure = EstimateMedian(OneTo(12), 0.99);
  EXPECT_EQ(sure.low, 2);
  EXPECT_EQ(sure.high, 11);
}

TEST(EstimateMedian, OfTooFewValuesHasNoIntervalAndSaysWhy) {
  const auto estimate = EstimateMedian(OneTo(5));
  EXPECT_EQ(estimate.median, 3);
  EXPECT_EQ(estimate.low, std::nullopt);
  EXPECT_EQ(estimate.high, std::nullopt);
  EXPECT_EQ(estimate.confidence, 0);
  EXPECT_EQ(estimate.Method(), "");
  EXPECT_EQ(estimate.why_null, "5 of 6 values needed for an interval at 95 %");
}

TEST(EstimateMedian, OfNothingIsNothing) {
  EXPECT_EQ(EstimateMedian({}).median, std::nullopt);
  EXPECT_EQ(EstimateMedian({}).values, 0);
}

TEST(EstimateMedian, OfVeryManyValuesNeitherOverflowsNorVanishes) {
  // Normal approximation: n/2 ± 1.96·√n/2, that is 5000 ± 98.
  const auto estimate = EstimateMedian(OneTo(10000));
  EXPECT_NEAR(*estimate.low, 4903, 2);
  EXPECT_NEAR(*estimate.high, 5098, 2);
  EXPECT_GE(estimate.confidence, 0.95);
  EXPECT_LT(estimate.confidence, 0.952);
}

TEST(EstimateMedian, OfALowConfidenceStopsAtTheMiddle) {
  const auto estimate = EstimateMedian(OneTo(3), 0.01);
  EXPECT_EQ(estimate.low, 1);
  EXPECT_EQ(estimate.high, 3);
  EXPECT_EQ(estimate.confidence, 0.75);
}

TEST(LeastValuesFor, IsTheFirstNumberWithAnInterval) {
  EXPECT_EQ(LeastValuesFor(0.5), 2);
  EXPECT_EQ(LeastValuesFor(0.95), 6);
  EXPECT_EQ(LeastValuesFor(0.98), 7);
  EXPECT_EQ(LeastValuesFor(0.99), 8);
}

TEST(SpeedupFrom, TurnsLogTimesRound) {
  const MedianEstimate logs{-std::log(2.0), -std::log(4.0), 0.0, 0.97, 7, ""};
  const auto speedup = SpeedupFrom(logs);
  EXPECT_DOUBLE_EQ(*speedup.median, 2);
  EXPECT_DOUBLE_EQ(*speedup.low, 1);
  EXPECT_DOUBLE_EQ(*speedup.high, 4);
  EXPECT_EQ(speedup.confidence, 0.97);
  EXPECT_EQ(speedup.values, 7);
}

TEST(Divided, GivesTheEfficiencyOfASpeedup) {
  const auto efficiency = Divided({3.0, 2.0, 4.0, 0.97, 7, ""}, 4);
  EXPECT_EQ(efficiency.median, 0.75);
  EXPECT_EQ(efficiency.low, 0.5);
  EXPECT_EQ(efficiency.high, 1);
  EXPECT_EQ(Divided({3.0, {}, {}, 0, 1, "few"}, 4).low, std::nullopt);
}

}  // namespace
}  // namespace coresweep
