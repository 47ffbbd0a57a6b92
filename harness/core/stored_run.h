// A finished sweep, read from its report, as far as a comparison with later ones needs it.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "harness/core/launch.h"

namespace coresweep {

/// One cell that is no control.
struct StoredCell {
  std::string id;
  std::string verdict;  ///< of the report: ok, incorrect, disordered, failed, …
  std::string reason;   ///< for every verdict but ok
  /// By the name of the launch metric, in its unit: median over the repetitions; latencies over the
  /// chunks of all of them.
  std::map<std::string, MetricValue> metrics;
};

struct StoredRun {
  std::string name;     ///< of its file, for messages
  std::string created;  ///< as the report says
  std::string digest;   ///< of the whole report: tells copies
  bool finished = false;
  /// What must be equal for two runs to be comparable: what it is called and its value, as text.
  /// "machine", "workload", "build", "measuring".
  std::map<std::string, std::string> identity;
  std::vector<StoredCell> cells;
};

/// Names of the metrics that a stored run holds: those of a launch but for cpu_per_item.
const std::vector<std::string>& StoredMetrics();

/// Throws `UsageError` naming `origin` when `report` is no report of `coresweep run` or one of an
/// unknown major version; nlohmann's exceptions when it has no version.
void CheckReportSchema(const nlohmann::json& report, const std::string& origin);

/// Throws `UsageError` naming `origin` and the field when `report` is no report of `coresweep run`,
/// one of an unknown major version, or damaged.
StoredRun ReadStoredRun(const nlohmann::json& report, const std::string& origin);

}  // namespace coresweep
