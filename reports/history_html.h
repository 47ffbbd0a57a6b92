// A report of `coresweep gate --baseline` as one HTML page that needs nothing beside it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "harness/core/history_gate.h"

namespace coresweep {

/// What the page is made of.
struct HistoryHtmlSource {
  const nlohmann::json& report;  ///< read only for who, when and which runs
  const HistoryLog& log;
  const HistoryOutcome& outcome;  ///< `JudgeHistory` of the log
};

/// Verdict and figures are those of the log, whatever the report says its outcome is. Every text of
/// the report is escaped; the page's Content-Security-Policy lets nothing run but the two scripts
/// built in. Without scripts everything is there but the charts.
std::string RenderHistoryHtml(const HistoryHtmlSource& source);

}  // namespace coresweep
