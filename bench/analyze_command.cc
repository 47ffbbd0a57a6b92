// `coresweep analyze`: what a report says again, from the launches, trials or stored runs in it.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "bench/commands.h"
#include "bench/exit_codes.h"
#include "bench/gate_file.h"
#include "bench/out_of_memory.h"
#include "bench/report_file.h"
#include "bench/terminal.h"
#include "harness/base/error.h"
#include "reports/file_kinds.h"
#include "reports/gate_report.h"
#include "reports/history_report.h"
#include "reports/sweep_audit.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;

constexpr const char* kAbove = "which is above";

int AnalyzeHistory(const Json& report, const std::string& path) {
  const HistoryLog log = HistoryLogFromReport(report, path);
  const HistoryOutcome outcome = JudgeHistory(log);
  fmt::print("{}", RenderHistoryConsole(log, outcome, TerminalWidth(1)));
  CheckStoredOutcome(report, HistoryOutcomeJson(log, outcome), path, kAbove);
  return ExitCodeOf(outcome.verdict);
}

int AnalyzeSweep(const Json& report, const std::string& path) {
  const SweepAudit audit = AuditSweep(report, path);
  fmt::print("{}", RenderSweepAudit(audit, path));
  if (audit.differences.empty()) return kExitOk;
  throw UsageError(path +
                   ": it does not say what its trials give, which is above: the file was changed, "
                   "or another version of coresweep wrote it");
}

int Run(const std::string& path) {
  EndWhenOutOfMemory();
  const Json report = ReadReportFile(path);
  const FileKind* const kind = FileKindOf(report);
  if (kind != nullptr) RequireValid(*kind, report, path);
  if (kind != nullptr && kind->name == "coresweep.report") return AnalyzeSweep(report, path);
  if (IsHistoryReport(report)) return AnalyzeHistory(report, path);
  const StoredGate gate = ReplayStoredGate(report, path);
  const GateSession& session = gate.trace.session;
  fmt::print("{}", RenderGateConsole(gate.log, session, TerminalWidth(1)));
  CheckStoredOutcome(report, GateOutcomeJson(session, session.Over()), path, kAbove);
  return ExitCodeOf(session.Outcome().verdict);
}

}  // namespace

void DeclareAnalyze(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand(
      "analyze",
      "Make what a report of `coresweep run` or `coresweep gate` says again, from the trials or "
      "launches in it");
  const auto path = std::make_shared<std::string>();
  command->add_option("report", *path, "report of `coresweep run` or `coresweep gate`")
      ->option_text("REPORT.json")
      ->required();
  command->footer(fmt::format(
      "Of a sweep: every verdict, figure, interval, fit, cause, warning, search outcome and "
      "recommendation is made again from its trials and compared bit for bit; what cannot be is "
      "named. Exit codes: 0 all are the same; 2 some are not (the first are shown with their JSON "
      "pointers), or the file cannot be read.\n"
      "Of a gate: exits as the gate did; with 2 when the report says something else than its "
      "launches.\n\n{}",
      kGateExitCodeHelp));
  command->callback(
      [path, &action] { action = [path](const ProgramContext&) { return Run(*path); }; });
}

}  // namespace coresweep
