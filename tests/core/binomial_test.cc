#include "harness/core/binomial.h"

#include <gtest/gtest.h>

#include <cmath>

#include "harness/base/error.h"

namespace coresweep {
namespace {

TEST(ChanceOf, NoHitsAtAll) {
  // 1 - high is the n-th root of risk / 2.
  const ChanceLimits limits = ChanceOf(0, 300, 0.05);
  EXPECT_EQ(limits.low, 0);
  EXPECT_NEAR(limits.high, 1 - std::pow(0.025, 1.0 / 300), 1e-12);
}

TEST(ChanceOf, AllHits) {
  const ChanceLimits limits = ChanceOf(20, 20, 0.05);
  EXPECT_NEAR(limits.low, std::pow(0.025, 1.0 / 20), 1e-12);
  EXPECT_EQ(limits.high, 1);
}

TEST(ChanceOf, InBetween) {
  // Clopper-Pearson for 8 of 10 at 95 %, as in many tables: 0.4439, 0.9748.
  const ChanceLimits limits = ChanceOf(8, 10, 0.05);
  EXPECT_NEAR(limits.low, 0.4439, 5e-5);
  EXPECT_NEAR(limits.high, 0.9748, 5e-5);
}

TEST(ChanceOf, NothingIsKnownWithoutATry) {
  const ChanceLimits limits = ChanceOf(0, 0, 0.05);
  EXPECT_EQ(limits.low, 0);
  EXPECT_EQ(limits.high, 1);
}

TEST(ChanceOf, RefusesWhatMakesNoSense) {
  EXPECT_THROW(ChanceOf(2, 1, 0.05), Error);
  EXPECT_THROW(ChanceOf(-1, 1, 0.05), Error);
  EXPECT_THROW(ChanceOf(1, 1, 0), Error);
}

}  // namespace
}  // namespace coresweep
