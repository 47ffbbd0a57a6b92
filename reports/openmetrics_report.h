// A report as metrics, for Prometheus and what reads its text format.
#pragma once

#include <string>

#include "reports/stored_page.h"

namespace coresweep {

/// OpenMetrics 1.0 text: gauges with the cell and its axes as labels, ending in "# EOF". What was
/// not measured has no sample. Times are seconds, ratios are ratios.
std::string RenderOpenMetrics(const StoredPage& page);

}  // namespace coresweep
