// A stored report of `coresweep run` for a terminal.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "reports/stored_page.h"

namespace coresweep {

/// The parts that the page of the run itself has (`console_report`), made of what the report keeps:
/// answer, warnings, the fastest cells, why they scale no better, what failed and what was skipped;
/// lines of at most `width` columns. Its verdicts and figures are those of the report. `report` is
/// valid by the schema, `page` what `ReadStoredPage` made of it.
std::string RenderStoredConsole(const nlohmann::json& report, const StoredPage& page, size_t width);

}  // namespace coresweep
