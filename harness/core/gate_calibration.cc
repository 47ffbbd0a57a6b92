#include "harness/core/gate_calibration.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "harness/core/json_field.h"
#include "harness/core/statistics.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

constexpr double kCalibrationWindows = 4;
constexpr double kMostWarmUp = 0.3;        // of a calibrating launch
constexpr double kWarmUpTolerated = 0.02;  // less is not worth a longer launch

std::vector<const Launch*> OfArm(const std::vector<CalibrationLaunch>& launches, GateArm arm) {
  std::vector<const Launch*> of_arm;
  for (const CalibrationLaunch& launch : launches) {
    if (launch.arm == arm) of_arm.push_back(&launch.launch);
  }
  return of_arm;
}

/// "" or why they do not tell how much work there is.
std::string WhyUseless(const std::vector<CalibrationLaunch>& launches) {
  for (const GateArm arm : {GateArm::kBase, GateArm::kCandidate}) {
    const auto of_arm = OfArm(launches, arm);
    if (of_arm.empty()) return fmt::format("{} was not launched", NameOf(arm));
    for (const Launch* launch : of_arm) {
      if (launch->outcome != Outcome::kOk)
        return fmt::format("a launch of {} ended {}: {}", NameOf(arm), ToString(launch->outcome),
                           launch->message);
      if (!launch->Metric("throughput").value)
        return fmt::format("a launch of {} has no throughput: {}", NameOf(arm),
                           launch->Metric("throughput").why_null);
    }
  }
  return "";
}

double ItemsPerSecond(const std::vector<const Launch*>& launches) {
  std::vector<double> rates;
  rates.reserve(launches.size());
  for (const Launch* launch : launches)
    rates.push_back(*launch->Metric("throughput").value);
  return *Median(rates);
}

/// Each bin's median over the launches, as a share of its launch's mean: foreign load for a moment
/// is in one launch, a warm-up in all.
std::vector<double> TypicalCurve(const std::vector<const Launch*>& launches) {
  std::vector<double> typical;
  for (size_t bin = 0; bin < kCurveBins; ++bin) {
    std::vector<double> shares;
    for (const Launch* launch : launches) {
      const std::vector<double>& items = launch->curve.items;
      double sum = 0;
      for (const double value : items)
        sum += value;
      if (items.size() == kCurveBins && sum > 0)
        shares.push_back(items[bin] * static_cast<double>(kCurveBins) / sum);
    }
    if (shares.empty()) return {};
    typical.push_back(*Median(shares));
  }
  return typical;
}

double MeanOf(std::span<const double> values) {
  double sum = 0;
  for (const double value : values)
    sum += value;
  return sum / static_cast<double>(values.size());
}

/// Seconds after the gate.
double WarmUpOf(const std::vector<const Launch*>& launches) {
  const std::vector<double> curve = TypicalCurve(launches);
  if (curve.empty()) return 0;
  const auto most = static_cast<size_t>(kMostWarmUp * static_cast<double>(curve.size()));
  const size_t bins = WarmUpBins(curve, most);
  if (bins == 0) return 0;
  const double warming = MeanOf(std::span(curve).first(bins));
  const double warm = MeanOf(std::span(curve).subspan(bins));
  if (std::abs(warming - warm) <= kWarmUpTolerated * warm) return 0;
  return static_cast<double>(bins) * NsToSeconds(launches.front()->curve.bin_ns);
}

int64_t WorkOf(double items, const CalibrationBounds& bounds) {
  const auto work = std::max(bounds.least_items, static_cast<int64_t>(std::ceil(items)));
  const int64_t pass = bounds.pass_items;
  return pass > 0 && pass <= work ? (work + pass - 1) / pass * pass : work;
}

OrderedJson SettingsToJson(const LaunchSettings& settings) {
  return {{"window_s", settings.window_s},
          {"warmup_s", settings.warmup_s},
          {"work_items", settings.work_items > 0 ? OrderedJson(settings.work_items) : nullptr}};
}

LaunchSettings SettingsFromJson(const Json& json) {
  return {FieldOf<double>(json, "window_s"), FieldOf<double>(json, "warmup_s"),
          OptionalFieldOf<int64_t>(json, "work_items").value_or(0)};
}

}  // namespace

LaunchSettings CalibratingSettings(const LaunchSettings& asked) {
  return {asked.window_s * kCalibrationWindows, asked.warmup_s, 0};
}

GateCalibration Calibrate(const LaunchSettings& asked, std::vector<CalibrationLaunch> launches,
                          const CalibrationBounds& bounds) {
  GateCalibration calibration{asked, std::move(launches), asked, ""};
  calibration.why_not = WhyUseless(calibration.launches);
  if (!calibration.why_not.empty()) return calibration;
  double fastest = 0;
  for (const GateArm arm : {GateArm::kBase, GateArm::kCandidate}) {
    const auto of_arm = OfArm(calibration.launches, arm);
    fastest = std::max(fastest, ItemsPerSecond(of_arm));
    if (!bounds.fixed_warmup) {
      calibration.settings.warmup_s = std::max(calibration.settings.warmup_s, WarmUpOf(of_arm));
    }
  }
  calibration.settings.work_items = WorkOf(fastest * asked.window_s, bounds);
  return calibration;
}

std::string DescribeCalibration(const GateCalibration& calibration) {
  const LaunchSettings& settings = calibration.settings;
  const std::string warmup = fmt::format("after {:.2f} s of warm-up", settings.warmup_s);
  if (settings.work_items == 0) {
    return fmt::format(
        "each launch: a window of {:.2f} s {}; the work is not the same for both arms, "
        "for {}",
        settings.window_s, warmup, calibration.why_not);
  }
  return fmt::format("each launch: {} items {}, the same for both arms; from {} launches before",
                     settings.work_items, warmup, calibration.launches.size());
}

OrderedJson ToJson(const GateCalibration& calibration) {
  OrderedJson launches = OrderedJson::array();
  for (const CalibrationLaunch& one : calibration.launches) {
    OrderedJson launch = {{"arm", NameOf(one.arm)}};
    launch.update(ToJson(one.launch));
    launches.push_back(std::move(launch));
  }
  return {{"asked", SettingsToJson(calibration.asked)},
          {"launches", std::move(launches)},
          {"settings", SettingsToJson(calibration.settings)},
          {"why_not",
           calibration.why_not.empty() ? OrderedJson(nullptr) : OrderedJson(calibration.why_not)}};
}

GateCalibration GateCalibrationFromJson(const Json& json) {
  GateCalibration calibration;
  calibration.asked = SettingsFromJson(PartOf(json, "asked"));
  calibration.settings = SettingsFromJson(PartOf(json, "settings"));
  calibration.why_not = OptionalFieldOf<std::string>(json, "why_not").value_or("");
  calibration.launches = ListOf(json, "launches", [](const Json& launch) {
    const auto arm = FieldOf<std::string>(launch, "arm");
    if (arm != "A" && arm != "B") throw Error(fmt::format("arm \"{}\" is unknown", arm));
    return CalibrationLaunch{arm == "A" ? GateArm::kBase : GateArm::kCandidate,
                             LaunchFromJson(launch)};
  });
  return calibration;
}

}  // namespace coresweep
