// A report of `coresweep gate` as one HTML page that needs nothing beside it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "harness/core/gate_trace.h"

namespace coresweep {

/// What the page is made of.
struct GateHtmlSource {
  const nlohmann::json& report;  ///< read only for who, when, where and what was compared
  const GateLog& log;
  const GateTrace& trace;                 ///< of `log`
  const nlohmann::ordered_json& outcome;  ///< `GateOutcomeJson` of the trace's session
};

/// Verdict and figures are those of the trace, whatever the report says its outcome is. Every text
/// of the report is escaped; the page's Content-Security-Policy lets nothing run but the two
/// scripts built in. Without scripts everything is there but the charts.
std::string RenderGateHtml(const GateHtmlSource& source);

}  // namespace coresweep
