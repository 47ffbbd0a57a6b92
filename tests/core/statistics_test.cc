#include "harness/core/statistics.h"

#include <gtest/gtest.h>

#include <numeric>

namespace coresweep {
namespace {

std::vector<double> OneTo(int count) {
  std::vector<double> values(static_cast<size_t>(count));
  std::iota(values.begin(), values.end(), 1.0);
  return values;
}

TEST(Median, OfNothingIsNothing) {
  EXPECT_EQ(Median({}), std::nullopt);
}

TEST(Median, IsTheMiddleValueOfAnOddNumber) {
  EXPECT_EQ(Median(std::vector<double>{9, 1, 5}), 5.0);
  EXPECT_EQ(Median(std::vector<double>{7}), 7.0);
}

TEST(Median, IsTheMeanOfTheTwoMiddleValuesOfAnEvenNumber) {
  EXPECT_EQ(Median(std::vector<double>{10, 1, 4, 3}), 3.5);
  EXPECT_EQ(Median(std::vector<double>{2, 1}), 1.5);
}

TEST(Median, LeavesItsInputAsItWas) {
  const std::vector<double> values{3, 1, 2};
  Median(values);
  EXPECT_EQ(values, (std::vector<double>{3, 1, 2}));
}

TEST(SpreadOf, HoldsMedianLeastAndGreatest) {
  const auto spread = SpreadOf(std::vector<double>{5, 9, 1, 6});
  ASSERT_TRUE(spread);
  EXPECT_EQ(spread->median, 5.5);
  EXPECT_EQ(spread->low, 1);
  EXPECT_EQ(spread->high, 9);
}

TEST(SpreadOf, OfNothingIsNothing) {
  EXPECT_FALSE(SpreadOf({}));
}

TEST(NearestRank, IsAlwaysAValueOfTheSample) {
  const auto ten = OneTo(10);
  EXPECT_EQ(NearestRank(ten, 0.5), 5);
  EXPECT_EQ(NearestRank(ten, 0.51), 6);
  EXPECT_EQ(NearestRank(ten, 0.9), 9);
  EXPECT_EQ(NearestRank(ten, 0.91), 10);
  EXPECT_EQ(NearestRank(ten, 0.001), 1);
  EXPECT_EQ(NearestRank(std::vector<double>{42}, 0.99), 42);
}

TEST(NearestRank, DoesNotSlipByOneWhenTheRankIsWholeButNotExactInBinary) {
  EXPECT_EQ(NearestRank(OneTo(100), 0.07), 7);  // 0.07 · 100 is 7.000000000000001
  EXPECT_EQ(NearestRank(OneTo(1000), 0.99), 990);
}

TEST(Percentile, NeedsTenValuesInTheTail) {
  EXPECT_EQ(LeastSamplesFor(0.5), 20);
  EXPECT_EQ(LeastSamplesFor(0.9), 100);
  EXPECT_EQ(LeastSamplesFor(0.99), 1000);
  EXPECT_EQ(Percentile(OneTo(19), 0.5), std::nullopt);
  EXPECT_EQ(Percentile(OneTo(20), 0.5), 10.0);
  EXPECT_EQ(Percentile(OneTo(999), 0.99), std::nullopt);
  EXPECT_EQ(Percentile(OneTo(1000), 0.99), 990.0);
}

}  // namespace
}  // namespace coresweep
