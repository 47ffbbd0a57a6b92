#include "harness/core/gate_calibration.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "harness/base/error.h"

namespace coresweep {
namespace {

using testing::HasSubstr;

constexpr LaunchSettings kAsked{0.3, 0.1, 0};
constexpr int64_t kBinNs = 10'000'000;

/// Of a launch whose first `cold` bins did half the work of the others.
Launch LaunchAt(double items_per_s, size_t cold = 0) {
  Launch launch;
  launch.metrics.resize(LaunchMetrics().size());
  launch.metrics[0] = {items_per_s, ""};
  launch.curve = {kBinNs, std::vector<double>(kCurveBins, 10)};
  for (size_t bin = 0; bin < cold; ++bin)
    launch.curve.items[bin] = 5;
  return launch;
}

std::vector<CalibrationLaunch> Both(const Launch& a, const Launch& b) {
  return {{GateArm::kBase, a}, {GateArm::kCandidate, b}};
}

TEST(Calibrate, GivesBothArmsTheWorkThatTheFasterDoesInAWindow) {
  const auto calibration = Calibrate(kAsked, Both(LaunchAt(1000), LaunchAt(1500)), {});
  EXPECT_EQ(calibration.settings, (LaunchSettings{0.3, 0.1, 450}));
  EXPECT_EQ(calibration.why_not, "");
  EXPECT_EQ(DescribeCalibration(calibration),
            "each launch: 450 items after 0.10 s of warm-up, the same for both arms; from 2 "
            "launches before");
}

TEST(Calibrate, TakesTheMedianOfAnArmsLaunches) {
  auto launches = Both(LaunchAt(1000), LaunchAt(900));
  launches.push_back({GateArm::kBase, LaunchAt(9000)});
  launches.push_back({GateArm::kBase, LaunchAt(1100)});
  EXPECT_EQ(Calibrate(kAsked, launches, {}).settings.work_items, 330);
}

TEST(Calibrate, RoundsUpToWholePassesAndToTheLeastWork) {
  const auto launches = Both(LaunchAt(1000), LaunchAt(1000));
  EXPECT_EQ(Calibrate(kAsked, launches, {1, 256, false}).settings.work_items, 512);
  EXPECT_EQ(Calibrate(kAsked, launches, {1, 300, false}).settings.work_items, 300);
  EXPECT_EQ(Calibrate(kAsked, launches, {1, 301, false}).settings.work_items, 300)
      << "less than a pass";
  EXPECT_EQ(Calibrate(kAsked, launches, {400, 0, false}).settings.work_items, 400);
}

TEST(Calibrate, WarmsUpUntilTheSlowerToWarmUpIsSteady) {
  const auto launches = Both(LaunchAt(1000, 3), LaunchAt(1000, 11));
  EXPECT_DOUBLE_EQ(Calibrate({0.3, 0.05, 0}, launches, {}).settings.warmup_s, 0.11);
  EXPECT_DOUBLE_EQ(Calibrate({0.3, 0.2, 0}, launches, {}).settings.warmup_s, 0.2)
      << "what was asked for is the least";
  EXPECT_DOUBLE_EQ(Calibrate({0.3, 0.05, 0}, launches, {1, 0, true}).settings.warmup_s, 0.05)
      << "given by the user";
  EXPECT_DOUBLE_EQ(
      Calibrate({0.3, 0.05, 0}, Both(LaunchAt(1), LaunchAt(1, 13)), {}).settings.warmup_s, 0.12)
      << "30 % of the launch";
}

TEST(Calibrate, IsNotMisledByOneLoudLaunch) {
  std::vector<CalibrationLaunch> launches;
  for (const size_t cold : {size_t{0}, size_t{9}, size_t{0}}) {
    launches.push_back({GateArm::kBase, LaunchAt(1000, cold)});
    launches.push_back({GateArm::kCandidate, LaunchAt(1000)});
  }
  EXPECT_DOUBLE_EQ(Calibrate(kAsked, launches, {}).settings.warmup_s, 0.1);
}

TEST(Calibrate, LeavesWhatWasAskedForWhereALaunchWentWrong) {
  Launch failed;
  failed.outcome = Outcome::kFailed;
  failed.message = "no memory";
  const auto calibration = Calibrate(kAsked, Both(LaunchAt(1000), failed), {});
  EXPECT_EQ(calibration.settings, kAsked);
  EXPECT_EQ(calibration.why_not, "a launch of B ended failed: no memory");
  EXPECT_THAT(DescribeCalibration(calibration), HasSubstr("not the same for both arms"));
  EXPECT_EQ(Calibrate(kAsked, {{GateArm::kBase, LaunchAt(1)}}, {}).why_not, "B was not launched");
}

TEST(Calibrate, MeasuresFourWindowsWithTheWarmUpAskedFor) {
  EXPECT_EQ(CalibratingSettings({0.25, 0.1, 77}), (LaunchSettings{1, 0.1, 0}));
}

TEST(GateCalibrationJson, GivesTheSameAgain) {
  const auto calibration =
      Calibrate(kAsked, Both(LaunchAt(1000, 2), LaunchAt(900)), {1, 64, false});
  EXPECT_EQ(GateCalibrationFromJson(nlohmann::json(ToJson(calibration))), calibration);
  EXPECT_THROW((void)GateCalibrationFromJson({{"asked", 3}}), Error);
}

}  // namespace
}  // namespace coresweep
