#include "harness/core/search_screen.h"

#include <gtest/gtest.h>

#include <cmath>

namespace coresweep {
namespace {

using Ratios = std::vector<std::vector<double>>;

const double kFar = std::log(1.3) + 0.001;   // just beyond the factor
const double kNear = std::log(1.3) - 0.001;  // just within

TEST(ScreenOut, DropsWhatIsBehindTheThirdBestInEveryPass) {
  const Ratios ratios{{-1, -1, -1}, {-1, -1, -1}, {0, 0, 0}, {kFar, kFar, kFar}, {kFar, kNear, 9}};
  EXPECT_EQ(ScreenOut(ratios), (std::vector<bool>{false, false, false, true, false}));
}

TEST(ScreenOut, MeasuresFromTheMedianOfTheThirdBest) {
  const Ratios ratios{{-1, -1, -1}, {-1, -1, -1}, {9, 0, -9}, {kNear, kNear, kNear}};
  EXPECT_EQ(ScreenOut(ratios), (std::vector<bool>{false, false, false, false}));
}

TEST(ScreenOut, KeepsCellsWithFewerThanThreeRatios) {
  const Ratios ratios{{0, 0, 0}, {0, 0, 0}, {0, 0, 0}, {9, 9}, {}};
  EXPECT_EQ(ScreenOut(ratios), std::vector<bool>(5, false));
}

TEST(ScreenOut, KeepsAllOfTwoCells) {
  const Ratios ratios{{0, 0, 0}, {9, 9, 9}, {}};
  EXPECT_EQ(ScreenOut(ratios), std::vector<bool>(3, false));
}

TEST(ScreeningRisk, IsTheChanceThatOneLaunchOfEachPassLiesBeyond) {
  // Beyond in each pass, one more counted: 2/4, 1/3, 2/2.
  const Ratios references{{0, kFar, kNear}, {0, -9}, {kFar}};
  EXPECT_DOUBLE_EQ(*ScreeningRisk(references), 0.5 * (1.0 / 3) * 1.0);
}

TEST(ScreeningRisk, IsNeverZero) {
  const Ratios references(3, std::vector<double>(9, 0.0));
  EXPECT_DOUBLE_EQ(*ScreeningRisk(references), 0.001);
}

TEST(ScreeningRisk, NeedsThreePassesWithReferences) {
  EXPECT_EQ(ScreeningRisk(Ratios{{0}, {0}}), std::nullopt);
  EXPECT_EQ(ScreeningRisk(Ratios{{0}, {}, {0}}), std::nullopt);
}

TEST(MostPromising, TakesTurnsBetweenMedianAndLeastTime) {
  const std::vector<std::optional<double>> median{0.1, 0.2, 0.3, 0.4, 0.5};
  const std::vector<std::optional<double>> least{5, 4, 3, 2, 1};
  EXPECT_EQ(MostPromising({0, 1, 2, 3, 4}, median, least), (std::vector<int>{0, 4, 1, 3, 2}));
  EXPECT_EQ(MostPromising({1, 2, 3}, median, least), (std::vector<int>{1, 3, 2}));
}

TEST(MostPromising, PutsWhatHasNoValueLast) {
  const std::vector<std::optional<double>> median{{}, 0.2, 0.3};
  const std::vector<std::optional<double>> least{{}, 1, 2};
  EXPECT_EQ(MostPromising({0, 1, 2}, median, least), (std::vector<int>{1, 2, 0}));
}

}  // namespace
}  // namespace coresweep
