#include "harness/core/paired_log.h"

#include <gtest/gtest.h>

#include <cmath>

#include "harness/base/error.h"

namespace coresweep {
namespace {

constexpr int kLogRef = PairedLog::kReference;

void ExpectRatio(std::optional<double> log_ratio, double ratio) {
  ASSERT_TRUE(log_ratio);
  EXPECT_NEAR(*log_ratio, std::log(ratio), 1e-12);
}

TEST(PairedLog, ComparesWithTheMeanOfTheReferencesBeforeAndAfter) {
  PairedLog log(8);
  log.Add(kLogRef, 1.0);
  log.Add(0, 6.0);
  log.Add(1, 1.0);
  log.Add(kLogRef, 4.0);  // geometric mean of the two: 2
  const auto ratios = log.Ratios();
  ExpectRatio(ratios[1], 3);
  ExpectRatio(ratios[2], 0.5);
}

TEST(PairedLog, UsesTheOneNeighbourThereIsAtTheEdges) {
  PairedLog log(8);
  log.Add(0, 6.0);
  log.Add(kLogRef, 2.0);
  log.Add(1, 8.0);
  const auto ratios = log.Ratios();
  ExpectRatio(ratios[0], 3);
  ExpectRatio(ratios[2], 4);
}

TEST(PairedLog, LeavesOutReferencesOutOfReach) {
  PairedLog log(2);
  log.Add(kLogRef, 1.0);
  log.Add(0, 3.0);
  log.Add(1, 3.0);
  log.Add(2, 3.0);
  log.Add(3, 3.0);
  log.Add(4, 3.0);
  log.Add(kLogRef, 2.0);
  const auto ratios = log.Ratios();
  ExpectRatio(ratios[1], 3);
  ExpectRatio(ratios[2], 3);
  EXPECT_EQ(ratios[3], std::nullopt);
  ExpectRatio(ratios[4], 1.5);
  ExpectRatio(ratios[5], 1.5);
}

TEST(PairedLog, ComparesAReferenceWithTheOthers) {
  PairedLog log(4);
  log.Add(kLogRef, 1.0);
  log.Add(0, 7.0);
  log.Add(kLogRef, 6.0);
  log.Add(0, 7.0);
  log.Add(kLogRef, 4.0);
  const auto ratios = log.RatiosOf(kLogRef);
  ASSERT_EQ(ratios.size(), 3U);
  ExpectRatio(ratios[0], 1.0 / 6);
  ExpectRatio(ratios[1], 3);
  ExpectRatio(ratios[2], 4.0 / 6);
}

TEST(PairedLog, AFailedLaunchTakesItsPlaceAndGivesNoRatio) {
  PairedLog log(1);
  log.Add(kLogRef, 1.0);
  log.Add(0, std::nullopt);
  log.Add(1, 5.0);
  log.Add(kLogRef, std::nullopt);
  const auto ratios = log.Ratios();
  EXPECT_EQ(ratios[1], std::nullopt);
  EXPECT_EQ(ratios[2], std::nullopt);  // one reference is two launches away, the other failed
  EXPECT_EQ(log.size(), 4);
  EXPECT_EQ(log.CellOf(2), 1);
}

TEST(PairedLog, DriftCancels) {
  PairedLog log(2);
  double speed = 1;
  for (int i = 0; i < 9; ++i) {  // 10 % slower with each launch
    log.Add(i % 2 == 0 ? kLogRef : 0, (i % 2 == 0 ? 1.0 : 2.0) * speed);
    speed *= 1.1;
  }
  const auto ratios = log.RatiosOf(0);
  ASSERT_EQ(ratios.size(), 4U);
  for (const double ratio : ratios)
    EXPECT_NEAR(ratio, std::log(2), 1e-12);
}

TEST(PairedLog, GathersByCell) {
  PairedLog log(8);
  log.Add(kLogRef, 1.0);
  log.Add(1, 2.0);
  log.Add(0, 3.0);
  log.Add(1, 1.5);
  const auto by_cell = log.RatiosByCell(3);
  EXPECT_EQ(by_cell[0], log.RatiosOf(0));
  EXPECT_EQ(by_cell[1], log.RatiosOf(1));
  EXPECT_EQ(by_cell[1].size(), 2U);
  EXPECT_TRUE(by_cell[2].empty());
  const auto least = log.LeastLogTimes(3);
  ExpectRatio(least[1], 1.5);
  EXPECT_EQ(least[2], std::nullopt);
}

TEST(PairedLog, EstimatesASpeedupWithItsInterval) {
  PairedLog log(2);
  for (const double time : {0.5, 0.25, 0.125, 0.5, 0.25, 0.125}) {
    log.Add(kLogRef, 1.0);
    log.Add(0, time);
  }
  const auto speedup = SpeedupFrom(log.Estimate(0));
  EXPECT_DOUBLE_EQ(*speedup.median, 4);
  EXPECT_DOUBLE_EQ(*speedup.low, 2);
  EXPECT_DOUBLE_EQ(*speedup.high, 8);
  EXPECT_EQ(speedup.Method(), "order statistics, 96.8 %");
}

TEST(PairedLog, RefusesATimeThatIsNone) {
  PairedLog log(1);
  EXPECT_THROW(log.Add(0, 0.0), Error);
  EXPECT_THROW(log.Add(0, -1.0), Error);
  EXPECT_THROW(log.Add(0, std::nan("")), Error);
  EXPECT_THROW(log.Add(0, INFINITY), Error);
  EXPECT_EQ(log.size(), 0);
}

}  // namespace
}  // namespace coresweep
