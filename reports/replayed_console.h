// The page of a run made again from its report.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "reports/console_report.h"
#include "reports/stored_page.h"

namespace coresweep {

struct ReplayedConsole {
  std::string text;     ///< "" where it could not be made
  std::string why_not;  ///< what a reader must know of that; "" where the report is of a kind that
                        ///< never holds what it takes (before version 2.3, deterministic)
};

/// What `coresweep run` printed at its end, from the trials in `report`, which is valid by the
/// schema; `page` is what `ReadStoredPage` made of it. Latencies and causes of which the report
/// holds only a part of the samples are those it says. Not made where the trials give other figures
/// than the report says, which is then to be shown as it is (`RenderStoredConsole`).
ReplayedConsole ReplayConsole(const nlohmann::json& report, const StoredPage& page,
                              const std::string& origin, const ConsoleOptions& options);

}  // namespace coresweep
