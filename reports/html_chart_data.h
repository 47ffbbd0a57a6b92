// The figures that the charts of the HTML page are drawn from.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "reports/html_samples.h"
#include "reports/stored_page.h"

namespace coresweep {

/// Most cells whose sampled chunks and places are in the page; the fastest ones.
inline constexpr size_t kMostDetailedCells = 200;
/// Most points of the chart over the run's time; the worst launch of its stretch stands for others.
inline constexpr size_t kMostLaunchPoints = 600;

struct ChartData {
  std::string json;  ///< for a script element
  /// For which charts there is something to draw.
  bool speedup = false, axes = false, latency = false, parts = false, curves = false,
       launches = false;
  bool thinned_launches = false;
};

/// `samples` are those of the cells of `page`, in their order; `costs` what `CostsJson` made.
ChartData MakeChartData(const nlohmann::json& report, const StoredPage& page,
                        const std::vector<CellSamples>& samples,
                        nlohmann::ordered_json costs = nullptr);

}  // namespace coresweep
