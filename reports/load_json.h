// Open load in the JSON report.
#pragma once

#include <optional>
#include <vector>

#include "harness/core/knee.h"
#include "harness/core/load_summary.h"
#include "reports/json_values.h"

namespace coresweep {

/// p50, p90, p99, p99.9 and max in microseconds, with what is missing and why.
OrderedJson LatencyJson(const LatencySummary& latency);

/// `open_load` of a cell; null under closed load.
OrderedJson OpenLoadJson(const std::optional<OpenLoadSummary>& load);

/// `open_load` of a trial; null under closed load.
OrderedJson OpenLoadUseJson(const Cell& cell, const std::optional<OpenLoadUse>& use);

/// `knees` of a report: each shape with its rates and the highest that it sustains.
OrderedJson KneesJson(const SweepResult& sweep, const std::vector<Knee>& knees);

/// `rate` of a cell: requests/s, "80%" of the closed throughput, null under closed load.
OrderedJson RateJson(const Load& load);

}  // namespace coresweep
