// `coresweep run`: measure a sweep and write its report.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "bench/commands.h"
#include "bench/exit_codes.h"
#include "bench/progress.h"
#include "bench/sweep_options.h"
#include "bench/terminal.h"
#include "bench/tool_info.h"
#include "harness/base/atomic_file.h"
#include "harness/base/error.h"
#include "harness/core/plan.h"
#include "harness/host/probe.h"
#include "harness/host/spin_test.h"
#include "harness/run/cell_shape.h"
#include "harness/run/process_trial_runner.h"
#include "harness/run/sweep.h"
#include "reports/console_report.h"
#include "reports/json_report.h"
#include "reports/npy_writer.h"
#include "workloads/registry.h"

namespace coresweep {
namespace {

namespace fs = std::filesystem;

struct RunOptions {
  SweepOptions sweep;
  std::string output;
  std::string save_outputs;
  bool quiet = false;
};

/// "report.json", or the first of report-2.json, … that does not exist: a report that was not asked
/// to be replaced is not.
fs::path DefaultReportPath() {
  fs::path path = "report.json";
  for (int number = 2; fs::exists(path); ++number)
    path = fmt::format("report-{}.json", number);
  return path;
}

SweepResult Prepare(const RunOptions& options, const ProgramContext& program) {
  SweepResult sweep;
  const SweepConfig config = options.sweep.Parse();
  sweep.facts = ReadHostFacts("/", program.environment);
  MeasureUsableCpus(sweep.facts, config.measure_cpus_s);
  sweep.plan = MakePlan(config, sweep.facts);
  if (sweep.plan.cells.empty()) {
    throw UsageError(
        "no cell of this sweep can be run: see `coresweep plan` with the same options");
  }
  return sweep;
}

void DescribeWorkload(const ReferenceData& reference, SweepResult& sweep) {
  sweep.workload = reference.info;
  const int64_t items = reference.info.items;
  sweep.item_sizes = reference.Items().Sizes(reference.items.bytes(), items);
  sweep.answer_sizes = reference.AnswerIndex().Sizes(reference.Answers(), items);
  sweep.runtime = reference.runtime;
  // Effective from here on: a cell measured again alone must have the same items.
  WorkloadSpec& spec = sweep.plan.config.workload;
  if (spec.inputs.empty()) spec.items = reference.info.items;
  sweep.workload_warnings = reference.Warnings();
  const std::string blas = BlasWarning(reference.runtime);
  if (!blas.empty()) sweep.workload_warnings.insert(sweep.workload_warnings.begin(), blas);
}

/// Saves inputs, reference and the merged answers of each cell, for comparison outside.
class OutputFiles {
 public:
  OutputFiles(fs::path folder, const ReferenceData& reference)
      : folder_(std::move(folder)), reference_(reference) {
    std::error_code error;
    fs::create_directories(folder_, error);
    if (error) {
      throw UsageError(fmt::format("--save-outputs {}: {}", folder_.string(), error.message()));
    }
    const auto count = static_cast<size_t>(reference.info.items);
    WriteNpy(folder_, "inputs", reference.info.item, reference.items.bytes(), count);
    WriteNpy(folder_, "reference", reference.info.answer, reference.Answers(), count);
  }

  void Save(const Cell& cell, const std::vector<std::byte>& answers) const {
    std::string stem = cell.Id();
    std::replace(stem.begin(), stem.end(), '/', '_');
    WriteNpy(folder_, stem, reference_.info.answer, answers,
             static_cast<size_t>(reference_.info.items));
  }

 private:
  fs::path folder_;
  const ReferenceData& reference_;
};

int ExitCodeOf(const SweepResult& sweep, StopSignal* stop) {
  if (sweep.interrupted) return kExitSignalled + std::max(1, stop->Poll());
  const auto any = [&](std::initializer_list<Outcome> outcomes) {
    return std::any_of(sweep.trials.begin(), sweep.trials.end(), [&](const TrialResult& trial) {
      return std::find(outcomes.begin(), outcomes.end(), trial.measurement.outcome) !=
             outcomes.end();
    });
  };
  if (any({Outcome::kIncorrect, Outcome::kDisordered})) return kExitIntegrity;
  if (any({Outcome::kFailed, Outcome::kTimedOut})) return kExitFailedCells;
  return kExitOk;
}

ReferenceData MakeReferenceFor(const ProcessContext& context, SweepResult& sweep,
                               Progress& progress) {
  progress.Show("loading the workload");
  ReferenceData reference =
      RunReference(context, sweep.plan.config, sweep.facts, [&](int64_t done, int64_t total) {
        progress.Show(fmt::format("serial reference: {} of {} items", done, total));
      });
  progress.Clear();
  SkipCells(sweep.plan, [&](const PlannedCell& planned) {
    return WhyImpossible(planned, sweep.facts, reference);
  });
  return reference;
}

int Run(const RunOptions& options, const ProgramContext& program) {
  SweepResult sweep = Prepare(options, program);
  const fs::path report_path =
      options.output.empty() ? DefaultReportPath() : fs::path(options.output);
  try {
    CheckWritable(report_path);
  } catch (const Error& error) {
    throw UsageError(fmt::format("-o: {}", error.what()));
  }
  const ProcessContext context{"/proc/self/exe", program.environment, program.stop};
  Progress progress(stderr, IsTerminal(2) && !options.quiet);
  try {
    const ReferenceData reference = MakeReferenceFor(context, sweep, progress);
    DescribeWorkload(reference, sweep);
    std::unique_ptr<OutputFiles> files;
    TrialEnvironment environment{context, sweep.plan.config, sweep.facts, reference, {}};
    if (!options.save_outputs.empty()) {
      files = std::make_unique<OutputFiles>(options.save_outputs, reference);
      environment.save_outputs = [&](const Cell& cell, const std::vector<std::byte>& answers) {
        files->Save(cell, answers);
      };
    }
    const auto report =
        MakeJsonReport({report_path, ToolInfo().dump(), options.sweep.Requested().dump(),
                        fmt::format("{}", fmt::join(program.arguments, " "))});
    ProcessTrialRunner runner(environment);
    try {
      ListSchedule schedule(sweep.plan.trials);
      RunSweep(sweep, schedule, runner, {report.get(), &progress}, program.stop);
    } catch (const Error& error) {
      // The report can no longer be written (disk full?): show what was measured all the same.
      fmt::print("{}\n", RenderConsole(sweep, {TerminalWidth(1), IsTerminal(1)}));
      throw;
    }
  } catch (const TrialFailure& failure) {
    if (failure.outcome() != Outcome::kInterrupted) throw;
    fmt::print(stderr, "coresweep: interrupted before anything was measured\n");
    return kExitSignalled + std::max(1, program.stop->Poll());
  }
  fmt::print("{}\nreport: {}\n", RenderConsole(sweep, {TerminalWidth(1), IsTerminal(1)}),
             report_path.string());
  return ExitCodeOf(sweep, program.stop);
}

}  // namespace

void DeclareRun(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand(
      "run", "Measure a sweep, check every answer, write a JSON report, say what to use");
  const auto options = std::make_shared<RunOptions>();
  options->sweep.Declare(*command);
  command
      ->add_option("-o,--output", options->output,
                   "report file (default report.json, or report-2.json, … when that exists)")
      ->option_text("FILE");
  command
      ->add_option(
          "--save-outputs", options->save_outputs,
          "write inputs, serial reference and the merged answers of each cell as .npy files; "
          "those of variable size one after the other, with a .offsets.npy that says where each "
          "begins")
      ->option_text("FOLDER");
  command->add_flag("-q,--quiet", options->quiet, "no progress line");
  command->footer(fmt::format(
      "Options override the suite. Examples:\n"
      "  coresweep run bench/suites/quick.json -o report.json\n"
      "  coresweep run --workload encoder --workers 1,2 --threads 1 --placement none,compact \\\n"
      "      --chunk 1,8,64 --transport pipe,unix,shm --repetitions 3 --seed 1 -o report.json\n"
      "  coresweep run --workload torchscript --model m.pt --input-shape 3,224,224 --items 32\n"
      "  coresweep run --workload torchscript --model m.pt --inputs x.pt --save-outputs out\n\n{}",
      kExitCodeHelp));
  command->callback([options, &action] {
    action = [options](const ProgramContext& program) { return Run(*options, program); };
  });
}

}  // namespace coresweep
