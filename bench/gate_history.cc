#include "bench/gate_history.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <nlohmann/json.hpp>

#include "bench/ci_notes.h"
#include "bench/history_baseline.h"
#include "bench/report_file.h"
#include "bench/terminal.h"
#include "bench/tool_info.h"
#include "harness/base/atomic_file.h"
#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "reports/history_report.h"
#include "reports/json_values.h"

namespace coresweep {
namespace {

namespace fs = std::filesystem;

/// The files, and those named *.json of the folders, in order of their names.
std::vector<std::string> ReportFiles(const std::vector<std::string>& given) {
  std::vector<std::string> files;
  for (const std::string& path : given) {
    if (!fs::is_directory(path)) {
      files.push_back(path);
      continue;
    }
    std::vector<std::string> inside;
    for (const auto& entry : fs::directory_iterator(path)) {
      if (entry.path().extension() == ".json") inside.push_back(entry.path().string());
    }
    if (inside.empty()) throw UsageError(fmt::format("--baseline {}: no .json file in it", path));
    std::sort(inside.begin(), inside.end());
    files.insert(files.end(), inside.begin(), inside.end());
  }
  return files;
}

/// What this kind of gate does not do is refused, not left out.
void CheckOptions(const GateOptions& options) {
  const auto refuse = [](const std::string& option, const std::string& why) {
    throw UsageError(fmt::format("{}: {}", option, why));
  };
  if (options.baselines.empty())
    refuse("--candidate-report", "needs --baseline: the reports to compare it with");
  if (options.candidate_report.empty())
    refuse("--baseline", "needs --candidate-report: the report of the new run");
  if (options.Programs() || !options.base_sets.empty() || !options.candidate_sets.empty() ||
      options.same_arms)
    refuse("--baseline", "stored reports are compared, no arms are launched: leave out the arms");
  if (options.burn_in != GateOptions{}.burn_in)
    refuse("--burn-in", "nothing is launched with --baseline");
  if (options.sweep.Requested().contains("budget"))
    refuse("--budget", "nothing is launched with --baseline");
  if (!options.sweep.Requested().empty())
    refuse("--baseline", "stored reports are compared: leave out suite and sweep options");
  for (const std::string& name : options.metrics) {
    const auto& known = StoredMetrics();
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      refuse("--metric " + name, fmt::format("not in the reports of `coresweep run`; there are {}",
                                             fmt::join(known, ", ")));
    }
  }
}

HistorySetup SetupOf(const GateOptions& options) {
  const GateSetup arms = options.Setup();
  HistorySetup setup;
  setup.tolerated = arms.rule.tolerated;
  setup.must_catch = arms.rule.must_catch;
  setup.alpha = arms.rule.alpha;
  setup.metrics = arms.metrics;
  setup.cells = options.cells;
  return setup;
}

StoredRun ReadRun(const std::string& path) {
  return ReadStoredRun(ReadSweepReport(path), path);
}

struct Baselines {
  std::vector<StoredRun> runs;
  std::string told;    ///< a line for each history
  std::string refuse;  ///< what a history without comparable runs says; "" otherwise
};

Baselines ReadBaselines(const GateOptions& options, const ProgramContext& program,
                        const StoredRun& candidate) {
  Baselines all;
  std::vector<std::string> files;
  for (const std::string& baseline : options.baselines) {
    const auto database = HistoryNamedBy(baseline, program.environment);
    if (!database) {
      files.push_back(baseline);
      continue;
    }
    HistoryBaseline found = BaselineFromHistory(*database, candidate, SetupOf(options));
    if (found.runs.empty()) all.refuse = found.told;
    all.told += found.told + "\n";
    std::move(found.runs.begin(), found.runs.end(), std::back_inserter(all.runs));
  }
  for (const std::string& file : ReportFiles(files))
    all.runs.push_back(ReadRun(file));
  return all;
}

HistoryLog Compare(const GateOptions& options, const StoredRun& candidate,
                   const Baselines& baselines) {
  if (baselines.refuse.empty()) return CompareRuns(candidate, baselines.runs, SetupOf(options));
  HistoryLog log;
  log.setup = SetupOf(options);
  log.refused_as = GateVerdict::kUnfit;
  log.refused = baselines.refuse;
  return log;
}

}  // namespace

int RunHistoryGate(const GateOptions& options, const ProgramContext& program,
                   const std::string& path) {
  CheckOptions(options);
  HistoryReportHead head;
  head.tool_json = ToolInfo().dump();
  head.argv = fmt::format("{}", fmt::join(program.arguments, " "));
  head.created_unix_ms = UnixMs();
  head.candidate = ReadRun(options.candidate_report);
  const Baselines baselines = ReadBaselines(options, program, head.candidate);
  head.baseline = baselines.runs;
  const HistoryLog log = Compare(options, head.candidate, baselines);
  WriteFileAtomically(path, DumpLine(HistoryReportJson(head, log)) + "\n");
  const HistoryOutcome outcome = JudgeHistory(log);
  const std::string text = RenderHistoryConsole(log, outcome, TerminalWidth(1)) + baselines.told;
  fmt::print("{}report: {}\n", text, path);
  const auto verdict = NameOf(outcome.verdict);
  TellCi(program, options.no_github, GateSummary(verdict, text),
         GateAnnotations(verdict, outcome.sentence));
  return ExitCodeOf(outcome.verdict);
}

}  // namespace coresweep
