// `coresweep analyze`: a gate's verdict again, from the launches in its report.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "bench/commands.h"
#include "bench/exit_codes.h"
#include "bench/terminal.h"
#include "harness/base/atomic_file.h"
#include "harness/base/error.h"
#include "reports/gate_report.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;

constexpr size_t kMostBytes = size_t{1} << 30;

Json ReadReport(const std::string& path) {
  std::string text;
  try {
    text = ReadFile(path, kMostBytes);
  } catch (const Error& error) {
    throw UsageError(error.what());
  }
  Json report = Json::parse(text, nullptr, false);
  if (report.is_discarded()) throw UsageError(path + ": not JSON, or cut off");
  return report;
}

GateSession ReplayReport(const GateLog& log, const std::string& path) {
  try {
    return Replay(log);
  } catch (const Error& error) {
    throw UsageError(fmt::format("{}: damaged: {}", path, error.what()));
  }
}

int Run(const std::string& path) {
  const Json report = ReadReport(path);
  const GateLog log = GateLogFromReport(report, path);
  const GateSession session = ReplayReport(log, path);
  fmt::print("{}", RenderGateConsole(log, session, static_cast<size_t>(TerminalWidth(1))));
  const Json again = GateOutcomeJson(session, session.Over());
  if (!report.contains("outcome") || report["outcome"] != again) {
    throw UsageError(path +
                     ": its outcome is not what its launches give, which is above: the file was "
                     "changed, or another version of coresweep wrote it");
  }
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
