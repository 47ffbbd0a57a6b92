// What the pages of a gate and of a gate against stored runs have in common. All is HTML.
#pragma once

#include <string>

#include "harness/core/gate_session.h"
#include "reports/html_text.h"

namespace coresweep {

/// The first paragraph of a page: `sentence`, which begins with the name of `verdict`, that name
/// with a sign besides its colour.
std::string GateLead(GateVerdict verdict, const std::string& sentence);

/// "regressed", "clean" or "open" with a sign, sorted from good to bad.
HtmlField GateStateField(MetricState state);

/// A share in percent without the sign: two decimals below 1 %, else one.
std::string ShareInPercent(double share);

/// The unit of a metric as one reads it: "µs".
std::string ShownUnit(const GateMetric& metric);

}  // namespace coresweep
