// The tables of the HTML page. They hold the figures that its charts show, readable without a
// script: of the thousand fastest cells and the recommended one, since a browser would take seconds
// to lay out more rows.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "reports/html_samples.h"
#include "reports/stored_page.h"

namespace coresweep {

/// Of each table of cells, at most; a browser takes about 0.4 ms for each.
constexpr size_t kMostTableCells = 1000;

/// Cells, fastest first.
std::string CellsTable(const StoredPage& page);
/// Where the time of a chunk goes; `samples` are those of the cells, in their order.
std::string ChunkTimesTable(const StoredPage& page, const std::vector<CellSamples>& samples);
/// Laws of scaling; "" where the report has none.
std::string ScalingTable(const nlohmann::json& report);
/// The launches that were disturbed most by throttling, steal and pressure; "" without any.
std::string LaunchesTable(const nlohmann::json& report);
/// Cells that failed and those that were not tried, with the reasons.
std::string FailuresAndSkipped(const StoredPage& page);
/// Host, configuration and program: how the figures were obtained.
std::string HowMeasured(const nlohmann::json& report);

/// The cells by throughput, those without one last: indexes into `page.cells`.
std::vector<size_t> FastestFirst(const StoredPage& page);

/// Axes that have two values or more among the cells: indexes into `PageCell::axes`.
std::vector<size_t> VariedAxes(const StoredPage& page);

/// Share of the window that a launch was throttled, was stolen from, or had tasks waiting for a
/// CPU; nullopt: not measured. In that order.
struct LaunchStrain {
  std::optional<double> throttled, stolen, pressure;
  /// The largest of them; 0 without any.
  [[nodiscard]] double Worst() const;
};
LaunchStrain StrainOf(const nlohmann::json& trial);

}  // namespace coresweep
