// The tables of a gate's page, which hold every figure that its charts show, and what these are
// drawn from.
#pragma once

#include <optional>
#include <string>

#include "reports/gate_html.h"

namespace coresweep {

/// Change, interval, blocks and evidence of each metric in each batch, and what it could have seen.
std::string GateJudgementsTable(const GateHtmlSource& source);
/// Every block in the order run: change of each metric, evidence so far; why it does not count.
std::string GateBlocksTable(const GateHtmlSource& source);
/// Every launch: values, what the machine did, how it ended.
std::string GateLaunchesTable(const GateHtmlSource& source);
/// What of programs, workloads and configurations is not equal in A and B.
std::string GateArmsTable(const nlohmann::json& report);

/// Interval of the relative change of B over A, ascending; nullopt: unbounded, or not measured.
struct GateChange {
  std::optional<double> change, low, high;
};
GateChange GateChangeOf(const GateMetric& metric, const MetricJudgement& judgement);

/// The figures of the charts, for a script element.
std::string GateChartData(const GateHtmlSource& source);

}  // namespace coresweep
