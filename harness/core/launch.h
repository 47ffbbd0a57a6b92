// One launch: fresh processes run once, and the one value of each metric that this gives.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/measurement.h"
#include "harness/core/steady_state.h"

namespace coresweep {

/// Something that a launch is judged by.
struct LaunchMetric {
  std::string_view name;  ///< "throughput"
  std::string_view unit;  ///< "items/s"
  bool higher_is_better;
  std::string_view help;
};

/// throughput, latency_p50, latency_p99, peak_memory, cold_start, cpu_per_item.
std::span<const LaunchMetric> LaunchMetrics();
/// nullptr for a name that is none.
const LaunchMetric* FindLaunchMetric(std::string_view name);

/// A value, or why there is none.
struct MetricValue {
  std::optional<double> value;
  std::string why_null;
  bool operator==(const MetricValue&) const = default;
};

constexpr size_t kCurveBins = 40;

/// What one launch gave.
struct Launch {
  Outcome outcome = Outcome::kOk;
  std::string message;                 ///< for every outcome but kOk
  int64_t items = 0;                   ///< answered from the gate to the end of the drain
  std::vector<MetricValue> metrics;    ///< in the order of `LaunchMetrics`
  SystemUse system;                    ///< of the container over the window; labels, never filters
  std::optional<double> window_drift;  ///< see `WindowDrift`
  WorkCurve curve;                     ///< in `kCurveBins`; empty where it was not told
  std::vector<std::string> warnings;   ///< such as a zygote that was lost, or work cut off

  [[nodiscard]] bool EndedWell() const { return outcome == Outcome::kOk && items > 0; }
  /// Of the metric of this name; no value and a reason for one that is unknown here.
  [[nodiscard]] MetricValue Metric(std::string_view name) const;
  bool operator==(const Launch&) const = default;
};

/// Throughput: items in the window / its length. Latencies: issued to merged, of the samples that
/// the window touches, by nearest rank where there are 10/(1-q) of them. Peak memory: largest
/// resident sizes of the workers, summed (pages that they share count in each). Cold start: from
/// the request for the slowest worker until it was ready. CPU per item: of workers and dispatcher
/// over the window's share of their items.
Launch LaunchOf(const TrialMeasurement& measurement);

/// {"outcome", "message", "items", "metrics": {name: value or {"why_null"}}, "system": {…},
/// "window_drift", "curve": null or {"bin_ns", "items"}, "warnings"}.
nlohmann::ordered_json ToJson(const Launch& launch);
/// Throws `Error` naming the field that is missing or of another type. Unknown fields are ignored.
Launch LaunchFromJson(const nlohmann::json& json);

}  // namespace coresweep
