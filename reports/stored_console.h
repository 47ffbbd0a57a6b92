// A stored report of `coresweep run` for a terminal.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "reports/stored_page.h"

namespace coresweep {

/// Parts of the page of the run itself, made of what the report says, for reports of which that
/// page cannot be made again (`replayed_console`): answer, warnings, the fastest cells, laws of
/// scaling, why they scale no better, what failed and what was skipped; lines of at most `width`
/// columns. `report` is valid by the schema, `page` what `ReadStoredPage` made of it.
std::string RenderStoredConsole(const nlohmann::json& report, const StoredPage& page, size_t width);

}  // namespace coresweep
