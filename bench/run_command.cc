// `coresweep run`: measure a sweep and write its report.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "bench/ci_notes.h"
#include "bench/commands.h"
#include "bench/earlier_sweep.h"
#include "bench/exit_codes.h"
#include "bench/output_files.h"
#include "bench/progress.h"
#include "bench/run_files.h"
#include "bench/sweep_options.h"
#include "bench/terminal.h"
#include "bench/tool_info.h"
#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "harness/core/doctor.h"
#include "harness/core/plan.h"
#include "harness/core/search_schedule.h"
#include "harness/core/sweep_time.h"
#include "harness/host/container_identity.h"
#include "harness/host/probe.h"
#include "harness/host/proc_text.h"
#include "harness/host/spin_test.h"
#include "harness/run/cell_shape.h"
#include "harness/run/process_trial_runner.h"
#include "harness/run/sweep.h"
#include "harness/run/zygotes.h"
#include "reports/console_report.h"
#include "reports/json_report.h"
#include "reports/markdown_report.h"
#include "reports/stored_page.h"
#include "workloads/registry.h"

namespace coresweep {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSkuVariable = "CORESWEEP_SKU";

struct RunOptions {
  SweepOptions sweep;
  std::string output;
  std::string save_outputs;
  std::string resume;  ///< report or journal of an interrupted sweep; "" = a new sweep
  bool quiet = false;
  bool no_github = false;
};

/// What was asked for: now, or in the call that is resumed.
nlohmann::json Requested(const RunOptions& options, const EarlierSweep* earlier) {
  if (earlier == nullptr) return options.sweep.Requested();
  return nlohmann::json::parse(earlier->header().requested_json);
}

SweepConfig ParseOptions(const RunOptions& options, const EarlierSweep* earlier,
                         const RunFiles& files) {
  if (earlier == nullptr) return options.sweep.Parse();
  return options.sweep.ParseResumed(Requested(options, earlier), files.journal.string());
}

/// Of an earlier sweep the machine must be the same, and what its spin test gave holds.
HostFacts ReadFacts(const SweepConfig& config, const ProgramContext& program,
                    const EarlierSweep* earlier) {
  HostFacts facts = ReadHostFacts("/", program.environment);
  if (earlier == nullptr) {
    MeasureUsableCpus(facts, config.measure_cpus_s);
    return facts;
  }
  JournalHeader now;
  now.machine = Fingerprint(facts, nullptr);
  earlier->RequireSame(now);
  facts.measured = earlier->header().measured;
  return facts;
}

SweepResult Prepare(const SweepConfig& config, const ProgramContext& program,
                    const EarlierSweep* earlier) {
  SweepResult sweep;
  sweep.container = ReadContainerIdentity("/", program.environment);
  sweep.facts = ReadFacts(config, program, earlier);
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
  if (!sweep.ended_by.empty() && CellsWithoutTrial(sweep) > 0) return kExitIncomplete;
  return kExitOk;
}

/// The time budget ended before there was anything to report.
class BudgetEnded : public Error {
 public:
  explicit BudgetEnded(const std::string& what) : Error(what) {}
};

ReferenceData MakeReferenceFor(const ProcessContext& context, SweepResult& sweep,
                               const SweepClock& clock, Progress& progress) {
  progress.Show("loading the workload");
  ReferenceData reference =
      RunReference(context, sweep.plan.config, sweep.facts, [&](int64_t done, int64_t total) {
        if (!clock.Allows(0)) {
          throw BudgetEnded(fmt::format(
              "{} ended at item {} of {} of the serial reference: give more time, or fewer --items",
              clock.BudgetName(), done, total));
        }
        progress.Show(fmt::format("serial reference: {} of {} items", done, total));
      });
  progress.Clear();
  SkipCells(sweep.plan, [&](const PlannedCell& planned) {
    return WhyImpossible(planned, sweep.facts, reference);
  });
  return reference;
}

/// Of a new sweep made now, of an earlier one handed over with what it holds, or none where the
/// report is no file.
std::optional<JournalFile> BeginJournal(SweepResult& sweep, TrialSchedule& schedule,
                                        EarlierSweep* earlier, const JournalHeader& header,
                                        const fs::path& path) {
  if (earlier != nullptr) {
    earlier->RequireSame(header);
    SweepCall call = std::move(sweep.calls.back());
    return earlier->GoOn(sweep, schedule, std::move(call));
  }
  if (path.empty()) return std::nullopt;
  return JournalFile::Create(path, JournalLine(header) + JournalLine(sweep.calls.back()));
}

void PrintConsole(const SweepResult& sweep) {
  fmt::print("{}\n", RenderConsole(sweep, {TerminalWidth(1), IsTerminal(1)}));
}

void PrintHowToGoOn(const RunFiles& files) {
  if (files.journal.empty()) return;
  fmt::print("to go on: coresweep run --resume {}\n", files.journal == JournalPathOf(files.report)
                                                          ? files.report.string()
                                                          : files.journal.string());
}

/// Of the report as it would be read again: the same figures as in every other format.
void TellCiOf(const SweepResult& sweep, const RunOptions& options, const ProgramContext& program) {
  if (!CiListens(program, options.no_github)) return;
  const SweepCall& first = sweep.calls.front();
  const std::string report =
      RenderJsonReport(sweep, {{}, ToolInfo().dump(), "", first.argv, first.started_unix_ms});
  const StoredPage page = ReadStoredPage(nlohmann::json::parse(report), "this sweep");
  TellCi(program, options.no_github, RenderMarkdown(page), AnnotationsOf(page));
}

/// Where it all is, and how to go on with what is not complete.
void PrintEnd(const RunFiles& files, bool complete) {
  fmt::print("report: {}\n", files.report.string());
  if (!complete) PrintHowToGoOn(files);
}

/// What one call knows besides the sweep.
struct RunCall {
  const RunOptions& options;
  const ProgramContext& program;
  const RunFiles& files;
  EarlierSweep* earlier;  ///< nullptr: a new sweep
  const SweepClock& clock;
  Progress& progress;
};

/// Trials, journal and report; true when the sweep is complete.
bool Measure(const RunCall& call, const TrialEnvironment& environment, SweepResult& sweep) {
  const std::unique_ptr<TrialSchedule> schedule = MakeSchedule(sweep.plan);
  const std::string requested = Requested(call.options, call.earlier).dump();
  std::optional<JournalFile> journal =
      BeginJournal(sweep, *schedule, call.earlier,
                   HeaderOf(sweep, environment.reference, requested), call.files.journal);
  const SweepCall& first = sweep.calls.front();
  const auto report = MakeJsonReport(
      {call.files.report, ToolInfo().dump(), requested, first.argv, first.started_unix_ms});
  std::vector<ReportWriter*> writers = {report.get(), &call.progress};
  std::optional<JournalWriter> writer;
  if (journal) writers.insert(writers.begin(), &writer.emplace(*journal));
  ProcessTrialRunner runner(environment);
  try {
    RunSweep(sweep, *schedule, runner, writers, {call.program.stop, call.clock});
  } catch (const Error& error) {
    // Report or journal can no longer be written (disk full?): show what was measured.
    PrintConsole(sweep);
    PrintHowToGoOn(call.files);
    throw;
  }
  const bool complete = !sweep.interrupted && sweep.ended_by.empty();
  if (complete && journal) journal->Remove();
  return complete;
}

/// From the reference to the last line printed; throws `TrialFailure` when there is no reference.
int RunFrom(const RunCall& call, SweepResult& sweep) {
  std::optional<Zygotes> zygotes;
  if (sweep.plan.config.worker_start == WorkerStart::kZygote) zygotes.emplace();
  const ProcessContext context{"/proc/self/exe", call.program.environment, call.program.stop,
                               zygotes ? &*zygotes : nullptr};
  const ReferenceData reference = MakeReferenceFor(context, sweep, call.clock, call.progress);
  DescribeWorkload(reference, sweep);
  TrialEnvironment environment{context, sweep.plan.config, sweep.facts, reference, {}};
  std::optional<OutputFiles> outputs;
  if (!call.options.save_outputs.empty()) {
    outputs.emplace(call.options.save_outputs, reference);
    environment.save_outputs = [&](const Cell& cell, const std::vector<std::byte>& answers) {
      outputs->Save(cell, answers);
    };
  }
  const bool complete = Measure(call, environment, sweep);
  PrintConsole(sweep);
  PrintEnd(call.files, complete);
  TellCiOf(sweep, call.options, call.program);
  return ExitCodeOf(sweep, call.program.stop);
}

/// A sweep that is resumed keeps the label that it began with.
RunOptions WithEnvironment(const RunOptions& options, const ProgramContext& program) {
  RunOptions with = options;
  const auto sku = EnvironmentValue(program.environment, kSkuVariable);
  if (sku && !sku->empty() && options.resume.empty())
    with.sweep.FallBackTo("sku", *sku, kSkuVariable);
  return with;
}

int Run(const RunOptions& options, const ProgramContext& program) {
  SweepClock clock;
  const int64_t started_unix_ms = UnixMs();
  const bool resumed = !options.resume.empty();
  const RunFiles files = resumed ? FilesOfResumedSweep(options.resume, options.output)
                                 : FilesOfNewSweep(options.output);
  std::optional<EarlierSweep> opened;
  if (resumed) opened.emplace(files.journal);
  std::error_code ignored;
  const fs::path of_report = JournalPathOf(files.report);
  if (!resumed || !fs::equivalent(of_report, files.journal, ignored))
    JournalFile::RequireFree(of_report);  // another process may be writing the report
  RequireWritable(files.report);
  EarlierSweep* const earlier = resumed ? &*opened : nullptr;
  const SweepConfig config = ParseOptions(options, earlier, files);
  clock.SetBudget(config.budget_s);
  SweepResult sweep = Prepare(config, program, earlier);
  sweep.calls = {{started_unix_ms, fmt::format("{}", fmt::join(program.arguments, " "))}};
  Progress progress(stderr, IsTerminal(2) && !options.quiet);
  try {
    return RunFrom({options, program, files, earlier, clock, progress}, sweep);
  } catch (const BudgetEnded& ended) {
    fmt::print(stderr, "coresweep: {}\n", ended.what());
    return kExitIncomplete;
  } catch (const TrialFailure& failure) {
    if (failure.outcome() != Outcome::kInterrupted) throw;
    fmt::print(stderr, "coresweep: interrupted before anything{} was measured\n",
               resumed ? " more" : "");
    return kExitSignalled + std::max(1, program.stop->Poll());
  }
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
      ->add_option("--resume", options->resume,
                   "go on with an interrupted sweep, as its journal REPORT.journal has it: nothing "
                   "is measured twice; beside it only -o, -q, --budget and --save-outputs")
      ->option_text("REPORT");
  command
      ->add_option(
          "--save-outputs", options->save_outputs,
          "write inputs, serial reference and the merged answers of each cell as .npy files; "
          "those of variable size one after the other, with a .offsets.npy that says where each "
          "begins")
      ->option_text("FOLDER");
  command->add_flag("-q,--quiet", options->quiet, "no progress line");
  DeclareGithub(*command, options->no_github);
  command->footer(fmt::format(
      "Options override the suite. Examples:\n"
      "  coresweep run bench/suites/quick.json -o report.json\n"
      "  coresweep run --workload encoder --workers 1,2 --threads 1 --placement none,compact \\\n"
      "      --chunk 1,8,64 --transport pipe,unix,shm --repetitions 3 --seed 1 -o report.json\n"
      "  coresweep run --workload torchscript --model m.pt --input-shape 3,224,224 --items 32\n"
      "  coresweep run --workload torchscript --model m.pt --inputs x.pt --save-outputs out\n"
      "  coresweep run --workload encoder --budget 10m; coresweep run --resume report.json\n\n{}",
      kExitCodeHelp));
  command->callback([options, &action] {
    action = [options](const ProgramContext& program) {
      return Run(WithEnvironment(*options, program), program);
    };
  });
}

}  // namespace coresweep
