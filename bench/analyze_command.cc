// `coresweep analyze`: a gate's verdict again, from the launches or stored runs in its report.
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
#include "reports/gate_report.h"
#include "reports/history_report.h"

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

int Run(const std::string& path) {
  EndWhenOutOfMemory();
  const Json report = ReadReportFile(path);
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
      "analyze", "Make the verdict of `coresweep gate` again from the launches in its report");
  const auto path = std::make_shared<std::string>();
  command->add_option("report", *path, "report of `coresweep gate`")
      ->option_text("GATE.json")
      ->required();
  command->footer(
      fmt::format("Exits as the gate did; with 2 when the report says something else than its "
                  "launches.\n\n{}",
                  kGateExitCodeHelp));
  command->callback(
      [path, &action] { action = [path](const ProgramContext&) { return Run(*path); }; });
}

}  // namespace coresweep
