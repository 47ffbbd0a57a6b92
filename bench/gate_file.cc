#include "bench/gate_file.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "harness/base/error.h"
#include "reports/gate_report.h"
#include "reports/history_report.h"

namespace coresweep {

StoredGate ReplayStoredGate(const nlohmann::json& report, const std::string& path) {
  GateLog log = GateLogFromReport(report, path);
  try {
    GateTrace trace = TraceGate(log);
    return {std::move(log), std::move(trace)};
  } catch (const Error& error) {
    throw UsageError(fmt::format("{}: damaged: {}", path, error.what()));
  }
}

void CheckStoredOutcome(const nlohmann::json& report, const nlohmann::json& again,
                        const std::string& path, const std::string& where) {
  if (report.contains("outcome") && report["outcome"] == again) return;
  throw UsageError(fmt::format(
      "{}: its outcome is not what its {} give, {}: the file was changed, or another version "
      "of coresweep wrote it",
      path, IsHistoryReport(report) ? "stored values" : "launches", where));
}

}  // namespace coresweep
