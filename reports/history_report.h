// The report of a gate against stored runs: JSON from which the verdict can be made again, and what
// one reads.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/core/history_gate.h"

namespace coresweep {

struct HistoryReportHead {
  std::string tool_json;  ///< rendered
  std::string argv;
  int64_t created_unix_ms = 0;
  StoredRun candidate;
  std::vector<StoredRun> baseline;
};

/// {"schema": "coresweep.history_gate", …, "setup", "runs", "refused", "comparisons", "outcome"}.
/// `outcome` follows from what stands before it.
nlohmann::ordered_json HistoryReportJson(const HistoryReportHead& head, const HistoryLog& log);

/// Verdict, exit code, sentence, and the numbers of each comparison in their order.
nlohmann::ordered_json HistoryOutcomeJson(const HistoryLog& log, const HistoryOutcome& outcome);

/// Whether `report` says that it is one of these.
bool IsHistoryReport(const nlohmann::json& report);

/// What a stored report's verdict follows from. Throws `UsageError` naming `origin` and the field
/// when it is of an unknown major version or damaged.
HistoryLog HistoryLogFromReport(const nlohmann::json& report, const std::string& origin);

/// The sentence, then one line a comparison. Ends in '\n'.
std::string RenderHistoryConsole(const HistoryLog& log, const HistoryOutcome& outcome,
                                 size_t width);

}  // namespace coresweep
