// `coresweep transports`: what each transport costs here, beside what the machine could do.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "bench/commands.h"
#include "bench/exit_codes.h"
#include "bench/progress.h"
#include "bench/terminal.h"
#include "bench/tool_info.h"
#include "bench/transports_options.h"
#include "harness/base/atomic_file.h"
#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "harness/host/probe.h"
#include "harness/run/transport_survey.h"
#include "reports/json_values.h"
#include "reports/transport_json.h"
#include "reports/transport_table.h"

namespace coresweep {
namespace {

void CheckOutput(const std::string& path) {
  try {
    if (!path.empty()) CheckWritable(path);
  } catch (const Error& error) {
    throw UsageError(fmt::format("-o: {}", error.what()));
  }
}

std::string JsonText(const TransportSurvey& survey) {
  nlohmann::ordered_json out = ToJson(survey);
  out["tool"] = ToolInfo();
  return DumpIndented(out);
}

int ExitCodeOf(const TransportSurvey& survey, StopSignal* stop) {
  if (survey.interrupted) return kExitSignalled + std::max(1, stop->Poll());
  const bool failed = std::any_of(survey.rows.begin(), survey.rows.end(),
                                  [](const TransportRow& row) { return !row.failed.empty(); });
  return failed ? kExitFailedCells : kExitOk;
}

int MeasureTransports(const TransportsOptions& options, const ProgramContext& program) {
  const SurveyRequest request = options.Parse();
  CheckOutput(options.output);
  TransportSurvey survey = PlanSurvey(request, ReadHostFacts("/", program.environment));
  survey.created_unix_ms = UnixMs();
  Progress progress(stderr, IsTerminal(STDERR_FILENO));
  RunSurvey({"/proc/self/exe", program.environment, program.stop}, survey,
            [&](size_t done, const TransportCase& next) {
              progress.Show(fmt::format("[{}/{}] {} {} {} {}", done + 1, survey.rows.size(),
                                        next.Row(), ByteCount(next.bytes), ToString(next.wait),
                                        ToString(next.place)));
            });
  progress.Clear();
  if (!options.output.empty()) WriteFileAtomically(options.output, JsonText(survey));
  fmt::print("{}", options.json ? JsonText(survey)
                                : RenderTransports(survey, TerminalWidth(STDOUT_FILENO)));
  return ExitCodeOf(survey, program.stop);
}

}  // namespace

void DeclareTransports(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand(
      "transports", "Measure what each transport costs here, beside the limits of this machine");
  const auto options = std::make_shared<TransportsOptions>();
  options->Declare(*command);
  command->footer(fmt::format(
      "Examples:\n"
      "  coresweep transports --size 64,1M --place neighbour\n"
      "  coresweep transports --transport pipe,shm --wait block,spin --json -o transports.json\n\n"
      "{}",
      kExitCodeHelp));
  command->callback([options, &action] {
    action = [options](const ProgramContext& program) {
      return MeasureTransports(*options, program);
    };
  });
}

}  // namespace coresweep
