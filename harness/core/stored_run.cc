#include "harness/core/stored_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "harness/base/digest.h"
#include "harness/base/error.h"
#include "harness/core/statistics.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;

constexpr int kMajor = 2;

/// The trials of one cell that gave a throughput.
using Trials = std::vector<const Json*>;

std::string TextOf(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found == json.end() || found->is_null() ? "" : found->get<std::string>();
}

MetricValue MedianOf(const Trials& trials, double (*value_of)(const Json&)) {
  std::vector<double> values;
  values.reserve(trials.size());
  for (const Json* trial : trials)
    values.push_back(value_of(*trial));
  const auto median = Median(values);
  if (!median) return {std::nullopt, "no repetition gave a value"};
  if (!(*median > 0)) return {std::nullopt, "no worker reported it"};
  return {median, ""};
}

double ThroughputOf(const Json& trial) {
  return trial.at("throughput").get<double>();
}

double PeakMemoryOf(const Json& trial) {
  double bytes = 0;
  for (const Json& worker : trial.at("workers")) {
    const Json& resident = worker.at("max_rss_bytes");
    if (!resident.is_null()) bytes += resident.get<double>();
  }
  return bytes;
}

double ColdStartUs(const Json& trial) {
  double slowest_ms = 0;
  for (const Json& worker : trial.at("workers")) {
    const Json& ready = worker.at("startup_ms").at("ready");
    if (!ready.is_null()) slowest_ms = std::max(slowest_ms, ready.get<double>());
  }
  return slowest_ms * 1e3;
}

MetricValue LatencyOf(const Json& cell, const char* percentile) {
  const Json& latency = cell.at("latency");
  const Json& value = latency.at(percentile);
  if (!value.is_null() && value.get<double>() > 0) return {value.get<double>(), ""};
  return {std::nullopt, TextOf(latency, "why_null")};
}

Trials TrialsWithThroughput(const Json& report, const std::string& id) {
  Trials trials;
  for (const Json& trial : report.at("trials")) {
    // Launches of other roles (references, probes) are no repetitions of the cell.
    const std::string role = TextOf(trial, "role");
    if (trial.at("cell") == id && !trial.at("throughput").is_null() &&
        (role.empty() || role == "cell"))
      trials.push_back(&trial);
  }
  return trials;
}

StoredCell ReadCell(const Json& report, const Json& json) {
  StoredCell cell;
  cell.id = json.at("id").get<std::string>();
  cell.verdict = json.at("verdict").get<std::string>();
  cell.reason = TextOf(json, "reason");
  const Trials trials = TrialsWithThroughput(report, cell.id);
  cell.metrics["throughput"] = MedianOf(trials, ThroughputOf);
  cell.metrics["peak_memory"] = MedianOf(trials, PeakMemoryOf);
  cell.metrics["cold_start"] = MedianOf(trials, ColdStartUs);
  cell.metrics["latency_p50"] = LatencyOf(json, "p50");
  cell.metrics["latency_p99"] = LatencyOf(json, "p99");
  return cell;
}

/// "a=1, b=2" of some keys of an object; keys it lacks are left out.
template <size_t N>
std::string Selected(const Json& json, const std::array<const char*, N>& keys) {
  std::string text;
  for (const char* key : keys) {
    const auto found = json.find(key);
    if (found == json.end()) continue;
    text += fmt::format("{}{}={}", text.empty() ? "" : ", ", key,
                        found->is_string() ? found->get<std::string>() : found->dump());
  }
  return text;
}

/// What not every report has: workers from zygotes, whose start-up and memory tell them apart, and
/// fixed work.
std::string RareSelected(const Json& effective) {
  std::string text;
  if (effective.value("worker_start", "spawn") != "spawn") text += ", worker_start=zygote";
  if (const auto items = effective.value("work_items", int64_t{0}); items > 0)
    text += fmt::format(", work_items={}", items);
  return text;
}

std::map<std::string, std::string> IdentityOf(const Json& report) {
  const Json& effective = report.at("config").at("effective");
  return {
      {"machine", "fingerprint " + report.at("host").at("fingerprint").get<std::string>()},
      {"workload", Selected(report.at("workload"), std::array{"name", "digest", "items"}) + ", " +
                       Selected(effective, std::array{"options"})},
      {"build", Selected(report.at("tool"),
                         std::array{"version", "compiler", "build_type", "architecture"})},
      {"measuring", Selected(effective, std::array{"window_s", "warmup_s", "order",
                                                   "on_worker_death", "load", "fault"}) +
                        RareSelected(effective)},
  };
}

}  // namespace

const std::vector<std::string>& StoredMetrics() {
  static const std::vector<std::string> names{"throughput", "latency_p50", "latency_p99",
                                              "peak_memory", "cold_start"};
  return names;
}

void CheckReportSchema(const Json& report, const std::string& origin) {
  if (!report.is_object() || TextOf(report, "schema") != "coresweep.report")
    throw UsageError(origin + ": not a report of `coresweep run`");
  const int major = report.at("schema_version").at("major").get<int>();
  if (major != kMajor) {
    throw UsageError(
        fmt::format("{}: schema version {}, this program reads {}", origin, major, kMajor));
  }
}

StoredRun ReadStoredRun(const Json& report, const std::string& origin) {
  try {
    CheckReportSchema(report, origin);
    StoredRun run;
    run.name = origin;
    run.created = report.at("created").get<std::string>();
    run.finished = report.at("finished").get<bool>();
    run.identity = IdentityOf(report);
    const std::string text = report.dump();
    run.digest = DigestHex(Digest(std::as_bytes(std::span(text))));
    for (const Json& cell : report.at("cells")) {
      const std::string mode = cell.at("mode").get<std::string>();
      if (mode != "serial" && mode != "independent") run.cells.push_back(ReadCell(report, cell));
    }
    return run;
  } catch (const Json::exception& error) {
    throw UsageError(fmt::format("{}: damaged: {}", origin, error.what()));
  }
}

}  // namespace coresweep
