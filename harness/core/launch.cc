#include "harness/core/launch.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "harness/core/json_field.h"
#include "harness/core/json_optional.h"
#include "harness/core/latency.h"
#include "harness/core/statistics.h"
#include "harness/core/system_use_json.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

constexpr std::array<LaunchMetric, 6> kMetrics{{
    {"throughput", "items/s", true, "items answered in the window"},
    {"latency_p50", "us", false,
     "of a chunk, due (closed load: issued) to merged; needs 20 chunks a launch"},
    {"latency_p99", "us", false, "likewise; needs 1,000 chunks a launch"},
    {"peak_memory", "bytes", false, "largest resident sizes of the workers, summed"},
    {"cold_start", "us", false, "until the slowest worker was ready"},
    {"cpu_per_item", "us", false, "CPU time of workers and dispatcher"},
}};

MetricValue None(std::string why) {
  return {std::nullopt, std::move(why)};
}

MetricValue Throughput(const TrialMeasurement& trial) {
  if (trial.items_in_window <= 0 || trial.window.LengthNs() <= 0)
    return None("no work fell into the window");
  return {trial.items_in_window / NsToSeconds(trial.window.LengthNs()), ""};
}

MetricValue Latency(const TrialMeasurement& trial, double q) {
  const std::vector<double> latencies = LatenciesUs(trial, Since::kDue);
  const auto value = Percentile(latencies, q);
  if (value && !std::isfinite(*value))
    return None("as many requests were never issued: the rate is too high");
  if (value) return {value, ""};
  return None(fmt::format("needs {} chunks in the window, there were {}: use a longer window",
                          LeastSamplesFor(q), latencies.size()));
}

MetricValue PeakMemory(const TrialMeasurement& trial) {
  int64_t bytes = 0;
  for (const WorkerMeasurement& worker : trial.workers)
    bytes += worker.max_rss_bytes;
  return bytes > 0 ? MetricValue{static_cast<double>(bytes), ""} : None("no worker reported it");
}

MetricValue ColdStart(const TrialMeasurement& trial) {
  int64_t slowest_ns = 0;
  for (const WorkerMeasurement& worker : trial.workers)
    slowest_ns = std::max(slowest_ns, worker.startup.ready_ns);
  if (slowest_ns <= 0) return None("no worker reported it");
  return {static_cast<double>(slowest_ns) / 1e3, ""};
}

MetricValue CpuPerItem(const TrialMeasurement& trial) {
  double cpus = 0;  // CPU time a second
  for (const WorkerMeasurement& worker : trial.workers) {
    if (worker.use.interval_ns <= 0) return None("a worker did not read its CPU time");
    cpus += static_cast<double>(worker.use.cpu_ns) / static_cast<double>(worker.use.interval_ns);
  }
  const auto items_per_s = Throughput(trial).value;
  if (!items_per_s || cpus <= 0) return None("no work fell into the window");
  if (trial.dispatcher && trial.dispatcher->wall_ns > 0) {
    cpus += static_cast<double>(trial.dispatcher->cpu_ns) /
            static_cast<double>(trial.dispatcher->wall_ns);
  }
  return {cpus / *items_per_s * 1e6, ""};
}

Outcome OutcomeNamed(const std::string& name) {
  if (const auto outcome = ParseOutcome(name)) return *outcome;
  throw Error(fmt::format("launch: outcome \"{}\" is unknown", name));
}

MetricValue MetricFromJson(const Json& json, std::string_view name) {
  if (json.is_number()) return {json.get<double>(), ""};
  if (json.is_object() && json.contains("why_null") && json["why_null"].is_string())
    return None(json["why_null"].get<std::string>());
  throw Error(fmt::format("launch: metrics.{} is neither a number nor {{\"why_null\"}}", name));
}

OrderedJson CurveToJson(const WorkCurve& curve) {
  if (curve.bin_ns <= 0) return nullptr;
  return {{"bin_ns", curve.bin_ns}, {"items", curve.items}};
}

WorkCurve CurveFromJson(const Json& json) {
  if (json.is_null()) return {};
  return {FieldOf<int64_t>(json, "bin_ns"), FieldOf<std::vector<double>>(json, "items")};
}

}  // namespace

std::span<const LaunchMetric> LaunchMetrics() {
  return kMetrics;
}

const LaunchMetric* FindLaunchMetric(std::string_view name) {
  const auto* const row =
      std::find_if(kMetrics.begin(), kMetrics.end(),
                   [&](const LaunchMetric& metric) { return metric.name == name; });
  return row == kMetrics.end() ? nullptr : row;
}

MetricValue Launch::Metric(std::string_view name) const {
  for (size_t i = 0; i < kMetrics.size() && i < metrics.size(); ++i) {
    if (kMetrics[i].name == name) return metrics[i];
  }
  return None("not measured");
}

Launch LaunchOf(const TrialMeasurement& measurement) {
  Launch launch;
  launch.outcome = measurement.outcome;
  launch.message = measurement.message;
  launch.items = measurement.ordering.answers;
  launch.metrics = {Throughput(measurement), Latency(measurement, 0.5), Latency(measurement, 0.99),
                    PeakMemory(measurement), ColdStart(measurement),    CpuPerItem(measurement)};
  launch.system = measurement.system;
  launch.window_drift = measurement.window_drift;
  launch.curve = WorkCurveOf(measurement, kCurveBins);
  launch.warnings = measurement.warnings;
  return launch;
}

OrderedJson ToJson(const Launch& launch) {
  OrderedJson metrics = OrderedJson::object();
  for (size_t i = 0; i < kMetrics.size() && i < launch.metrics.size(); ++i) {
    const MetricValue& metric = launch.metrics[i];
    OrderedJson& value = metrics[std::string(kMetrics[i].name)];
    if (metric.value) {
      value = *metric.value;
    } else {
      value = {{"why_null", metric.why_null}};
    }
  }
  return {{"outcome", ToString(launch.outcome)},
          {"message", launch.message},
          {"items", launch.items},
          {"metrics", std::move(metrics)},
          {"system", OrderedJson(ToJson(launch.system))},
          {"window_drift", OrNull(launch.window_drift)},
          {"curve", CurveToJson(launch.curve)},
          {"warnings", launch.warnings}};
}

Launch LaunchFromJson(const Json& json) {
  Launch launch;
  launch.outcome = OutcomeNamed(FieldOf<std::string>(json, "outcome"));
  launch.message = json.contains("message") ? FieldOf<std::string>(json, "message") : "";
  launch.items = FieldOf<int64_t>(json, "items");
  const auto metrics = FieldOf<Json::object_t>(json, "metrics");
  for (const LaunchMetric& metric : kMetrics) {
    const std::string name(metric.name);
    const auto found = metrics.find(name);
    launch.metrics.push_back(found == metrics.end() ? None("not measured")
                                                    : MetricFromJson(found->second, name));
  }
  if (json.contains("window_drift"))
    launch.window_drift = OptionalFieldOf<double>(json, "window_drift");
  if (json.contains("curve")) launch.curve = CurveFromJson(json["curve"]);
  if (json.contains("warnings"))
    launch.warnings = FieldOf<std::vector<std::string>>(json, "warnings");
  if (!json.contains("system")) return launch;
  try {
    launch.system = SystemUseFromJson(json["system"]);
  } catch (const Json::exception&) {
    throw Error("launch: system is not as coresweep writes it");
  }
  return launch;
}

}  // namespace coresweep
