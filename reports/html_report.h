// A report of `coresweep run` as one HTML page that needs nothing beside it.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "reports/html_costs.h"
#include "reports/stored_page.h"

namespace coresweep {

/// `report` is valid by the schema of reports, and `page` what `ReadStoredPage` made of it; with
/// `costs` it shows throughput against cost, too. Every
/// text of the report is escaped; the page's Content-Security-Policy lets nothing run but the two
/// scripts built in. Without scripts everything is there but the charts.
std::string RenderHtml(const nlohmann::json& report, const StoredPage& page,
                       const SweepCosts* costs = nullptr);

}  // namespace coresweep
