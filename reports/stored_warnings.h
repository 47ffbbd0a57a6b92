// What a stored report of `coresweep run` warns of, for its page and the console.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "reports/stored_page.h"

namespace coresweep {

struct StoredWarning {
  std::string where;  ///< "Host", "Workload", "Cells", "Recommended cell", "Sweep"
  std::string text;
};

/// Of the host, the workload, the cells, the recommended one and the sweep, in that order.
std::vector<StoredWarning> StoredWarnings(const nlohmann::json& report, const StoredPage& page);

/// The cell with right answers, no control, that scales worst and has causes; nullptr: none.
const nlohmann::json* WorstScalingCell(const nlohmann::json& report, const StoredPage& page);

}  // namespace coresweep
