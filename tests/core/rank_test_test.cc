#include "harness/core/rank_test.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace coresweep {
namespace {

using Values = std::vector<double>;

TEST(RankSumP, IsTheShareOfOrdersAsFarApart) {
  // Of the 20 ways to choose 3 ranks of 6, two have the outermost sums, four sums as far as 7.
  EXPECT_NEAR(RankSumP(Values{1, 2, 3}, Values{4, 5, 6}), 2.0 / 20, 1e-12);
  EXPECT_NEAR(RankSumP(Values{4, 5, 6}, Values{1, 2, 3}), 2.0 / 20, 1e-12);
  EXPECT_NEAR(RankSumP(Values{1, 2, 4}, Values{3, 5, 6}), 4.0 / 20, 1e-12);
  EXPECT_NEAR(RankSumP(Values{1, 2, 3, 4, 5}, Values{6, 7, 8, 9, 10}), 2.0 / 252, 1e-12);
}

TEST(RankSumP, OfEqualSamplesIsOne) {
  EXPECT_NEAR(RankSumP(Values{1, 4}, Values{2, 3}), 1, 1e-12);
  EXPECT_NEAR(RankSumP(Values{7, 7, 7}, Values{7, 7, 7}), 1, 1e-12);
  EXPECT_EQ(RankSumP(Values{}, Values{1}), 1);
}

TEST(RankSumP, CountsTiesAsMidRanks) {
  // Ranks 1.5, 1.5 against 3.5, 3.5: of the 6 choices of two, 1 + 1 are as far from the mean 5.
  EXPECT_NEAR(RankSumP(Values{1, 1}, Values{2, 2}), 2.0 / 6, 1e-12);
}

TEST(LeastRankSumP, IsThatOfSamplesApart) {
  EXPECT_NEAR(LeastRankSumP(3, 3), 0.1, 1e-12);
  EXPECT_NEAR(LeastRankSumP(5, 5), 2.0 / 252, 1e-12);
  EXPECT_EQ(LeastRankSumP(0, 0), 1);
}

TEST(RatioBetween, IsTheMedianOfAllRatiosWithTheIntervalOfTheRankSum) {
  const SampleRatio ratio = RatioBetween(Values{1, 1, 1, 1}, Values{2, 2.2, 1.8, 2});
  EXPECT_DOUBLE_EQ(ratio.ratio, 2);
  ASSERT_TRUE(ratio.low);
  EXPECT_DOUBLE_EQ(*ratio.low, 1.8);
  EXPECT_DOUBLE_EQ(*ratio.high, 2.2);
  EXPECT_NEAR(ratio.confidence, 1 - 2.0 / 70, 1e-12);
}

TEST(RatioBetween, LeavesOutAsManyRatiosAsTheConfidenceAllows) {
  // 5 and 5: P(U <= 2) = 4/252, P(U <= 3) = 7/252: the third from each end, 96.8 %.
  const SampleRatio ratio = RatioBetween(Values{1, 1, 1, 1, 1}, Values{1, 2, 3, 4, 5});
  EXPECT_NEAR(ratio.confidence, 1 - 8.0 / 252, 1e-12);
  EXPECT_DOUBLE_EQ(*ratio.low, 1);
  EXPECT_DOUBLE_EQ(*ratio.high, 5);
}

TEST(RatioBetween, HasNoIntervalOfThree) {
  const SampleRatio ratio = RatioBetween(Values{1, 1, 1}, Values{2, 2, 2});
  EXPECT_DOUBLE_EQ(ratio.ratio, 2);
  EXPECT_FALSE(ratio.low);
  EXPECT_FALSE(ratio.high);
}

TEST(HolmAdjusted, StepsDownAndNeverFalls) {
  const std::vector<double> adjusted = HolmAdjusted(Values{0.01, 0.04, 0.03, 0.5});
  EXPECT_DOUBLE_EQ(adjusted[0], 0.04);
  EXPECT_DOUBLE_EQ(adjusted[2], 0.09);
  EXPECT_DOUBLE_EQ(adjusted[1], 0.09);  // 0.08 alone
  EXPECT_DOUBLE_EQ(adjusted[3], 0.5);
}

}  // namespace
}  // namespace coresweep
