#include "harness/core/sign_test.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <tuple>
#include <vector>

#include "harness/base/error.h"

namespace coresweep {
namespace {

// Exact rationals, e.g. E(1,0) = (1.2+1.4+1.6+1.8+1.9)/5 = 79/50, rounded to doubles by Python's
// fractions.Fraction.
TEST(SignEValue, EqualsExactRationals) {
  const std::vector<std::tuple<int64_t, int64_t, double>> golden{
      {0, 0, 1.0},
      {1, 0, 1.58},
      {0, 1, 0.42},
      {6, 0, 21.6701682},
      {8, 0, 68.40852333},
      {9, 0, 123.1174584038},
      {10, 1, 39.801828131602},
      {20, 7, 10.587627804827212},
      {0, 40, 2.6584827265613273e-05},
      {60, 60, 0.01727618805130861},
      {72, 48, 2.3898978173378955},
      {120, 0, 5.650961937784311e+32},
      {1000, 0, 1.1340467243825804e+278},
      {700, 300, 1.0865008882447188e+35},
      {0, 1000, 2.4604638443222344e-98},
  };
  for (const auto& [above, below, expected] : golden) {
    EXPECT_NEAR(SignEValue(above, below) / expected, 1, 1e-12) << above << " " << below;
  }
}

/// The bits themselves: what another compiler or machine must also give.
TEST(SignEValue, BitsAreTheSameEverywhere) {
  EXPECT_EQ(SignEValue(9, 0), 0x1.ec7847040bd88p+6);
  EXPECT_EQ(SignEValue(72, 48), 0x1.31e82bf31fc0dp+1);
  EXPECT_EQ(SignEValue(700, 300), 0x1.4ecdceb33c327p+116);
}

TEST(SignEValue, NeverOverflowsNorLosesSmallValues) {
  EXPECT_EQ(SignEValue(100000, 0), std::numeric_limits<double>::max());
  EXPECT_EQ(SignEValue(std::numeric_limits<int64_t>::max() / 4, 1000),
            std::numeric_limits<double>::max());
  // Each factor alone is out of range, the product is not: 1.2^4000 · 0.8^3900 and its like.
  const double balanced = SignEValue(4000, 3900);
  EXPECT_NEAR(balanced, 0.2 * std::exp(4000 * std::log(1.2) + 3900 * std::log(0.8)),
              balanced * 1e-9);
  EXPECT_EQ(SignEValue(0, 100000), 0);
  EXPECT_THROW(SignEValue(-1, 0), Error);
  EXPECT_THROW(SignEValue(0, -1), Error);
}

/// A fair coin gains nothing: E(a+1,b)/2 + E(a,b+1)/2 = E(a,b). That is what Ville's bound rests
/// on.
TEST(SignEValue, IsAMartingaleUnderAFairCoin) {
  for (int64_t above = 0; above < 60; ++above) {
    for (int64_t below = 0; below < 60; ++below) {
      const double after = (SignEValue(above + 1, below) + SignEValue(above, below + 1)) / 2;
      EXPECT_NEAR(after / SignEValue(above, below), 1, 1e-12) << above << " " << below;
    }
  }
}

TEST(LeastAbove, EqualsExactCounts) {
  EXPECT_EQ(LeastAbove(8, 100), std::nullopt);  // 68.4 with all eight
  EXPECT_EQ(LeastAbove(9, 100), 9);             // the first possible verdict
  EXPECT_EQ(LeastAbove(12, 100), 12);
  EXPECT_EQ(LeastAbove(14, 100), 13);
  EXPECT_EQ(LeastAbove(20, 100), 18);
  EXPECT_EQ(LeastAbove(60, 100), 44);
  EXPECT_EQ(LeastAbove(120, 100), 80);
  EXPECT_EQ(LeastAbove(12, 1000), std::nullopt);
  EXPECT_EQ(LeastAbove(120, 1000), 83);
  EXPECT_EQ(LeastAbove(0, 1), 0);
  const LeastAboveTable table(120, 100);
  EXPECT_EQ(table.At(8), 9);  // more than there are
  EXPECT_EQ(table.At(9), 9);
  EXPECT_EQ(table.At(120), 80);
  for (const double evidence : {1.0, 100.0, 200.0, 1e6}) {
    const LeastAboveTable all(700, evidence);
    for (int64_t bets = 0; bets <= 700; ++bets)
      ASSERT_EQ(all.At(bets), LeastAbove(bets, evidence).value_or(bets + 1)) << bets << " bets";
  }
}

std::vector<double> UpTo(int count) {  // count, …, 2, 1: the order must not matter
  std::vector<double> values;
  for (int i = count; i >= 1; --i)
    values.push_back(i);
  return values;
}

TEST(SignInterval, EndsAreOrderStatistics) {
  const auto nine = SignInterval(UpTo(9), 0.01);
  EXPECT_EQ(nine.low, 1);  // nine of nine above anything less than the least
  EXPECT_EQ(nine.high, 9);
  const auto twenty = SignInterval(UpTo(20), 0.01);  // 18 of 20 suffice: the 3rd and the 18th
  EXPECT_EQ(twenty.low, 3);
  EXPECT_EQ(twenty.high, 18);
  const auto many = SignInterval(UpTo(120), 0.01);  // 80 of 120: the 41st and the 80th
  EXPECT_EQ(many.low, 41);
  EXPECT_EQ(many.high, 80);
}

TEST(SignInterval, IsUnboundedWhereNothingIsRejected) {
  for (const int count : {0, 1, 8}) {
    const auto interval = SignInterval(UpTo(count), 0.01);
    EXPECT_EQ(interval.low, std::nullopt) << count;
    EXPECT_EQ(interval.high, std::nullopt) << count;
  }
}

TEST(SignInterval, UnmeasuredBlocksWidenBothEnds) {
  const auto interval = SignInterval(UpTo(18), 0.01, 2);  // 18 of 20, the two on the wrong side
  EXPECT_EQ(interval.low, 1);
  EXPECT_EQ(interval.high, 18);
  const auto unbounded = SignInterval(UpTo(17), 0.01, 3);
  EXPECT_EQ(unbounded.low, std::nullopt);
  EXPECT_EQ(unbounded.high, std::nullopt);
}

/// By its definition: a threshold is outside exactly when the e-value rejects it, ties included.
TEST(SignInterval, HoldsTheThresholdsThatAreNotRejected) {
  const std::vector<double> values{1, 1, 1, 2, 2, 3, 3, 3, 3, 3, 3, 4, 4, 5, 5, 5, 9, 9, 9, 9};
  const auto interval = SignInterval(values, 0.01);
  for (double threshold = 0.25; threshold < 10; threshold += 0.5) {  // never one of the values
    int64_t above = 0;
    for (const double value : values)
      above += value > threshold ? 1 : 0;
    const int64_t below = static_cast<int64_t>(values.size()) - above;
    EXPECT_EQ(SignEValue(above, below) >= 100, threshold < interval.low) << threshold;
    EXPECT_EQ(SignEValue(below, above) >= 100, threshold > interval.high) << threshold;
  }
}

TEST(JointSignEValue, IsTheMeanOfTwoAndNeverOverflows) {
  EXPECT_DOUBLE_EQ(JointSignEValue({9, 3}, {12, 0}), (SignEValue(9, 3) + SignEValue(12, 0)) / 2);
  EXPECT_DOUBLE_EQ(JointSignEValue({9, 3}, {9, 3}), SignEValue(9, 3));
  EXPECT_TRUE(std::isfinite(JointSignEValue({100000, 0}, {100000, 0})));
}

/// By its definition, ties and unmeasured blocks included.
TEST(JointSignLow, IsWhereTheJointEvidenceEnds) {
  const std::vector<double> a{1, 1, 1, 2, 2, 3, 3, 3, 3, 3, 3, 4, 4, 5, 5, 5, 9, 9, 9, 9};
  const std::vector<double> b{0, 2, 2, 3, 4, 4, 5, 5, 5, 6, 6, 6, 6, 7, 7, 7, 7, 8, 8, 9};
  const auto counts = [](const std::vector<double>& values, double threshold) {
    const auto above = std::count_if(values.begin(), values.end(),
                                     [=](double value) { return value > threshold; });
    return SignCounts{above, std::ssize(values) - above + 2};
  };
  const auto low = JointSignLow(a, b, 20, 2);
  ASSERT_TRUE(low);
  for (double threshold = -0.75; threshold < 10; threshold += 0.5) {  // never one of the values
    EXPECT_EQ(JointSignEValue(counts(a, threshold), counts(b, threshold)) >= 20, threshold < *low)
        << threshold;
  }
  EXPECT_EQ(JointSignLow(a, b, 1e9, 2), std::nullopt);
  EXPECT_EQ(JointSignLow({}, {}, 100), std::nullopt);
}

TEST(SignTestP, IsTheExactTailOfAFairCoin) {
  EXPECT_DOUBLE_EQ(SignTestP(0, 0), 1);
  EXPECT_DOUBLE_EQ(SignTestP(5, 5), 1);
  EXPECT_NEAR(SignTestP(8, 0), 2.0 / 256, 1e-15);
  EXPECT_NEAR(SignTestP(1, 9), 2.0 * 11 / 1024, 1e-14);
  EXPECT_NEAR(SignTestP(9, 1), 2.0 * 11 / 1024, 1e-14);
  EXPECT_NEAR(SignTestP(60, 40), 0.0568879, 1e-7);
  EXPECT_THROW((void)SignTestP(-1, 3), Error);
}

}  // namespace
}  // namespace coresweep
