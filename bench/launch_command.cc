// `coresweep launch`: one cell, run once, as one line of JSON. What `coresweep gate` calls when its
// arms are programs.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "bench/commands.h"
#include "bench/exit_codes.h"
#include "bench/one_cell.h"
#include "bench/sweep_options.h"
#include "harness/base/atomic_file.h"
#include "harness/base/error.h"
#include "harness/host/probe.h"
#include "harness/run/worker_pool.h"
#include "reports/json_values.h"

namespace coresweep {
namespace {

struct LaunchOptions {
  SweepOptions sweep;
  std::string output;
};

int ExitCodeFor(const Launch& launch, StopSignal* stop) {
  switch (launch.outcome) {
    case Outcome::kOk:
      return kExitOk;
    case Outcome::kIncorrect:
    case Outcome::kDisordered:
      return kExitIntegrity;
    case Outcome::kInterrupted:
      return kExitSignalled + std::max(1, stop->Poll());
    default:
      return kExitFailedCells;
  }
}

/// A workload that does not load, and a signal while it does, are outcomes too: who called this as
/// a program is then told why.
Launch LaunchCell(const SweepConfig& config, const HostFacts& facts,
                  const ProcessContext& context) {
  Progress silent(stderr, false);
  try {
    return OneCell(config, facts, context, silent, "launch").arm().Run();
  } catch (const TrialFailure& failure) {
    Launch launch;
    launch.outcome = failure.outcome();
    launch.message = failure.what();
    return launch;
  }
}

int Run(const LaunchOptions& options, const ProgramContext& program) {
  if (options.sweep.BudgetSeconds()) {
    throw UsageError("budget: is of `run` and `gate`; a launch is one trial, see --window-s");
  }
  const HostFacts facts = ReadHostFacts("/", program.environment);
  const ProcessContext context{"/proc/self/exe", program.environment, program.stop};
  const SweepConfig config = options.sweep.ParseCell({}, "", facts.UsableCpus());
  RequireSpawn(config, "launch");
  const Launch launch = LaunchCell(config, facts, context);
  const std::string line = DumpLine(ToJson(launch)) + "\n";
  if (options.output.empty()) {
    fmt::print("{}", line);
  } else {
    WriteFileAtomically(options.output, line);
  }
  return ExitCodeFor(launch, program.stop);
}

}  // namespace

void DeclareLaunch(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand(
      "launch", "Run one cell once with fresh processes and print its metrics as JSON");
  const auto options = std::make_shared<LaunchOptions>();
  options->sweep.Declare(*command);
  command->add_option("-o,--output", options->output, "write the JSON here instead")
      ->option_text("FILE");
  command->footer(fmt::format(
      "Each axis has one value; those not given: --workers as many as usable CPUs, --placement "
      "none, --chunk 8, --window-s 0.3.\nExample:\n"
      "  coresweep launch --workload encoder --workers 2 --transport shm_loan\n\n{}",
      kExitCodeHelp));
  command->callback([options, &action] {
    action = [options](const ProgramContext& program) { return Run(*options, program); };
  });
}

}  // namespace coresweep
