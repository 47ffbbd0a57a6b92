// A comparison of container sizes as one HTML page that needs nothing beside it.
#pragma once

#include <string>
#include <vector>

#include "harness/core/sku_compare.h"

namespace coresweep {

/// Every text of the reports is escaped; the page's Content-Security-Policy lets nothing run but
/// the two scripts built in. Without scripts everything is there but the charts.
std::string RenderComparisonHtml(const SkuComparison& comparison);

/// Rows whose configuration no other row's beats in both throughput (more) and p99 (less), by
/// medians; by latency.
std::vector<size_t> LatencyFrontOf(const SkuComparison& comparison);

/// The figures of the charts, for a script element.
std::string ComparisonChartData(const SkuComparison& comparison);

}  // namespace coresweep
