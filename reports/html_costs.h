// Costs of a sweep's cells on its HTML page.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/core/cost_answer.h"
#include "reports/stored_page.h"

namespace coresweep {

/// What the cells would cost in the sizes of one price book.
struct SweepCosts {
  PriceBook book;
  CostedRun run;
  double run_s = 0, pull_s = 0;  ///< of a container: until its end; its image, where that is billed
  std::vector<CellCost> cells;   ///< one a cell of `run`
};

/// The place of the chart, or why it is not drawn.
std::string CostFigure(const SweepCosts& costs);
/// Every cell with its size and costs, cheapest as billed first, or why it has none.
std::string CostsTable(const SweepCosts& costs);
/// For the page's script; null without costs. Cells are indexes into those of `page`.
nlohmann::ordered_json CostsJson(const SweepCosts* costs, const StoredPage& page);

}  // namespace coresweep
