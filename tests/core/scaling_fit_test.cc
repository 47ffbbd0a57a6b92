#include "harness/core/scaling_fit.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace coresweep {
namespace {

std::vector<ScalingPoint> PointsOf(const ScalingFit& law, const std::vector<int>& counts) {
  std::vector<ScalingPoint> points;
  for (const int workers : counts)
    points.push_back({workers, law.SpeedupAt(workers)});
  return points;
}

TEST(ScalingFit, IsTheLawInItsOwnWords) {
  const ScalingFit law{0.9, 0.05, 0.01, 0};
  EXPECT_DOUBLE_EQ(law.SpeedupAt(1), 0.9);
  EXPECT_DOUBLE_EQ(law.SpeedupAt(4), 0.9 * 4 / (1 + 0.05 * 3 + 0.01 * 12));
}

TEST(FitUniversal, FindsTheParametersThatMadeThePoints) {
  for (const auto& [lambda, sigma, kappa] :
       {std::tuple(1.0, 0.05, 0.01), std::tuple(0.8, 0.3, 0.001), std::tuple(1.0, 0.0, 0.0),
        std::tuple(0.95, 0.1, 0.0), std::tuple(1.0, 0.0, 0.02)}) {
    const auto points = PointsOf({lambda, sigma, kappa, 0}, {1, 2, 4, 8, 12});
    const auto answer = FitUniversal(points);
    ASSERT_TRUE(answer.fit);
    EXPECT_NEAR(answer.fit->lambda, lambda, 1e-9);
    EXPECT_NEAR(answer.fit->sigma, sigma, 1e-9);
    EXPECT_NEAR(answer.fit->kappa, kappa, 1e-9);
    EXPECT_NEAR(answer.fit->largest_error, 0, 1e-9);
    EXPECT_EQ(answer.why_null, "");
  }
}

TEST(FitAmdahl, FindsTheParametersThatMadeThePoints) {
  const auto answer = FitAmdahl(PointsOf({0.97, 0.12, 0, 0}, {1, 2, 3}));
  ASSERT_TRUE(answer.fit);
  EXPECT_NEAR(answer.fit->lambda, 0.97, 1e-9);
  EXPECT_NEAR(answer.fit->sigma, 0.12, 1e-9);
  EXPECT_EQ(answer.fit->kappa, 0);
  // 1 / ((1 − p) + p/N) with p = 0.88.
  EXPECT_NEAR(answer.fit->SpeedupAt(10), 0.97 / (0.12 + 0.88 / 10), 1e-9);
}

TEST(Fit, NeedsEnoughDifferentNumbersOfWorkers) {
  const ScalingFit law{1, 0.1, 0.01, 0};
  EXPECT_TRUE(FitUniversal(PointsOf(law, {1, 2, 4, 8})).fit);
  const auto three = FitUniversal(PointsOf(law, {1, 2, 4, 4}));
  EXPECT_FALSE(three.fit);
  EXPECT_EQ(three.why_null, "measured at 3 numbers of workers, 4 are needed");
  EXPECT_TRUE(FitAmdahl(PointsOf(law, {1, 2, 4})).fit);
  EXPECT_EQ(FitAmdahl(PointsOf(law, {1, 2, 2})).why_null,
            "measured at 2 numbers of workers, 3 are needed");
}

TEST(Fit, StaysWithinWhatTheParametersMayBe) {
  // More than proportional: no contention can make that, the nearest is none.
  const std::vector<ScalingPoint> steep{{1, 1}, {2, 2.2}, {4, 4.8}, {8, 10}};
  EXPECT_EQ(FitAmdahl(steep).fit->sigma, 0);
  EXPECT_EQ(FitUniversal(steep).fit->sigma, 0);
  EXPECT_EQ(FitUniversal(steep).fit->kappa, 0);
  EXPECT_GT(FitUniversal(steep).fit->largest_error, 0.05);
  // Falling: Amdahl's law is level at worst, the universal one falls.
  const std::vector<ScalingPoint> falling{{1, 1}, {2, 0.9}, {4, 0.7}, {8, 0.4}};
  EXPECT_EQ(FitAmdahl(falling).fit->sigma, 1);
  EXPECT_LT(FitUniversal(falling).fit->SpeedupAt(16), 0.4);
}

TEST(Fit, HeedsTheWeights) {
  auto points = PointsOf({1, 0.1, 0, 0}, {1, 2, 4, 8});
  points.push_back({8, 2, 1e-9});
  EXPECT_NEAR(FitAmdahl(points).fit->sigma, 0.1, 1e-6);
  points.back().weight = 1;
  EXPECT_GT(FitAmdahl(points).fit->sigma, 0.15);
}

TEST(BestWorkers, IsTheWholeNumberWithTheGreatestSpeedup) {
  const ScalingFit law{1, 0.05, 0.01, 0};  // the top is at 9.75
  EXPECT_EQ(law.BestWorkers(), 10);
  for (int workers = 1; workers <= 100; ++workers)
    EXPECT_LE(law.SpeedupAt(workers), law.SpeedupAt(10));
  EXPECT_EQ((ScalingFit{1, 0.9, 0.5, 0}).BestWorkers(), 1);
}

TEST(BestWorkers, IsNoneWhereMoreNeverHarm) {
  EXPECT_EQ((ScalingFit{1, 0.05, 0, 0}).BestWorkers(), std::nullopt);
}

}  // namespace
}  // namespace coresweep
