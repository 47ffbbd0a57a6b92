// The tables of the page of a gate against stored runs, which hold every figure that its charts
// show, and what these are drawn from.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reports/history_html.h"

namespace coresweep {

/// The stored runs in the order of the time they were measured at, as indices into "baseline".
std::vector<size_t> RunsByTime(const nlohmann::json& report);

/// Of each value of `comparison` its run, an index into "baseline" of `report`; empty where the
/// report does not say and not every run has a value.
std::vector<size_t> RunsOfValues(const nlohmann::json& report, const HistoryComparison& comparison);

/// Value, what the stored runs let one expect, change and verdict of each comparison.
std::string HistoryComparisonsTable(const HistoryHtmlSource& source);
/// The value of each stored run in each comparison, by time.
std::string HistoryValuesTable(const HistoryHtmlSource& source);
/// The runs by time, the one that is judged last.
std::string HistoryRunsTable(const nlohmann::json& report);

/// The figures of the charts, for a script element.
std::string HistoryChartData(const HistoryHtmlSource& source);

}  // namespace coresweep
