// `coresweep gate`: is B worse than A? In one run on one machine, with a verdict for CI.
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "bench/ci_notes.h"
#include "bench/commands.h"
#include "bench/exit_codes.h"
#include "bench/gate_arms.h"
#include "bench/gate_history.h"
#include "bench/gate_options.h"
#include "bench/terminal.h"
#include "bench/tool_info.h"
#include "harness/base/atomic_file.h"
#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "harness/core/doctor.h"
#include "harness/core/gate_sentence.h"
#include "harness/core/host_json.h"
#include "harness/host/probe.h"
#include "harness/run/find_work.h"
#include "reports/gate_report.h"
#include "reports/json_values.h"
#include "reports/text.h"

namespace coresweep {
namespace {

namespace fs = std::filesystem;

/// "gate.json", or the first of gate-2.json, … that does not exist.
fs::path DefaultPath() {
  fs::path path = "gate.json";
  for (int number = 2; fs::exists(path); ++number)
    path = fmt::format("gate-{}.json", number);
  return path;
}

GateReportHead HeadOf(const ProgramContext& program, const HostFacts& facts, const GateArms& arms) {
  GateReportHead head;
  head.tool_json = ToolInfo().dump();
  nlohmann::ordered_json host = ToJson(facts);
  host["fingerprint"] = Fingerprint(facts, nullptr);
  head.host_json = host.dump();
  head.argv = fmt::format("{}", fmt::join(program.arguments, " "));
  head.created_unix_ms = UnixMs();
  head.base = arms.base_facts();
  head.candidate = arms.candidate_facts();
  return head;
}

/// "main block 7 ABBA, launch 2 of 4; throughput 0.3 % lower [-1.2, 1.9] after 6 blocks".
std::string ProgressLine(const GateSession& session, const GateBlock& block, int slot) {
  std::string line = fmt::format("{} block {} {}, launch {} of 4", NameOf(block.phase),
                                 block.attempt + 1, NameOf(block.order), slot + 1);
  const auto& phase = session.Outcome().Phase(block.phase);
  if (phase && phase->blocks > 0) {
    const GateMetric& metric = session.Setup().metrics.front();
    line += fmt::format("; {} {} after {} blocks", metric.name,
                        DescribeChange(metric, phase->judgements.front()), phase->blocks);
  }
  return line;
}

int ExitCode(const GateSession& session, StopSignal* stop) {
  if (const int signal = stop->Poll(); signal != 0) return kExitSignalled + signal;
  return ExitCodeOf(session.Outcome().verdict);
}

/// Gives both arms the same work, found before the blocks.
GateCalibration FindWorkOf(const GateOptions& options, GateArms& arms, const GateTask& task,
                           Progress& progress) {
  CalibrationBounds bounds = arms.bounds();
  bounds.fixed_warmup = options.Has("warmup_s");
  return FindWork(task, {arms.settings(), bounds, options.Programs(),
                         [&](const LaunchSettings& settings) { arms.Apply(settings); },
                         [&](int launch) {
                           progress.Show(fmt::format("calibration, launch {} of {}", launch + 1,
                                                     2 * kCalibrationRounds));
                         }});
}

int Judge(const GateOptions& options, const ProgramContext& program, const fs::path& path) {
  GateLog log;
  log.setup = options.Setup();
  const double burn_in_s = options.BurnInSeconds();
  const Deadline deadline = Deadline::After(options.BudgetNs());
  const HostFacts facts = ReadHostFacts("/", program.environment);
  const ProcessContext context{"/proc/self/exe", program.environment, program.stop};
  Progress progress(stderr, IsTerminal(2) && !options.quiet);
  GateArms arms(options, facts, context, progress);
  log.setup.identical_arms = arms.Identical();
  log.setup.builds = arms.Builds();
  GateSession session(log.setup);
  GateTask task{arms.base(), arms.candidate(), program.stop, deadline, {}};
  GateReportHead head = HeadOf(program, facts, arms);
  const auto write = [&](const GateSession& now) {
    WriteFileAtomically(path, DumpLine(GateReportJson(head, log, now)) + "\n");
  };
  HostWatch machine(facts.cpu_stat_path, facts.allowed);
  task.machine = &machine;
  task.burn_in_s = burn_in_s;
  task.watch.burnt_in = [&] {
    if (options.Has("work_items") || arms.OpenLoad()) return;
    log.calibration = FindWorkOf(options, arms, task, progress);
    head.base = arms.base_facts();
    head.candidate = arms.candidate_facts();
  };
  task.watch.launch_starts = [&](const GateSession& now, const GateBlock& block, int slot) {
    progress.Show(ProgressLine(now, block, slot));
  };
  task.watch.block_ended = write;
  RunGate(log, session, task);
  progress.Clear();
  write(session);
  const std::string text = RenderGateConsole(log, session, TerminalWidth(1));
  fmt::print("{}report: {}\n", text, path.string());
  const auto verdict = NameOf(session.Outcome().verdict);
  TellCi(program, options.no_github, GateSummary(verdict, text),
         GateAnnotations(verdict, GateSentence(log.setup, session.Outcome())));
  return ExitCode(session, program.stop);
}

/// The verdict of what never came to a launch.
int Refused(GateVerdict verdict, const std::string& why, const GateOptions& options,
            const ProgramContext& program) {
  const std::string text = fmt::format("{}: {}\n", NameOf(verdict), Printable(why));
  fmt::print("{}", text);
  TellCi(program, options.no_github, GateSummary(NameOf(verdict), text),
         GateAnnotations(NameOf(verdict), text.substr(0, text.size() - 1)));
  return ExitCodeOf(verdict);
}

int Run(const GateOptions& options, const ProgramContext& program) {
  const fs::path path = options.output.empty() ? DefaultPath() : fs::path(options.output);
  try {
    CheckWritable(path);
  } catch (const Error& error) {
    throw UsageError(fmt::format("-o: {}", error.what()));
  }
  try {
    if (options.Stored()) return RunHistoryGate(options, program, path.string());
    if (!options.cells.empty()) throw UsageError("--cell: only with --baseline");
    return Judge(options, program, path);
  } catch (const UsageError& error) {
    return Refused(GateVerdict::kUsage, error.what(), options, program);
  } catch (const TrialFailure& failure) {
    if (failure.outcome() == Outcome::kInterrupted)
      return kExitSignalled + std::max(1, program.stop->Poll());
    return Refused(GateVerdict::kWorkload, failure.what(), options, program);
  } catch (const Error& error) {
    return Refused(GateVerdict::kUnfit, error.what(), options, program);
  }
}

}  // namespace

void DeclareGate(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand(
      "gate", "Is candidate B worse than base A? Launch both in turn until that is proven, or not");
  const auto options = std::make_shared<GateOptions>();
  options->Declare(*command);
  command->footer(fmt::format(
      "Both arms are one configuration each: the options above, with what --base-set and "
      "--candidate-set change; axes not given: --workers as many as usable CPUs, --placement none, "
      "--chunk 8, --window-s 0.3. Blocks of four launches, A B B A or B A A B by a coin, are run "
      "until the sign e-process of their differences proves one or the other. `coresweep analyze` "
      "makes the verdict again from the report.\nExamples:\n"
      "  coresweep gate --workload encoder --workers 2 --candidate-set transport=shm_loan\n"
      "  coresweep gate --model old.pt --workload torchscript --input-shape 3,224,224 \\\n"
      "      --candidate-set model=new.pt --metric throughput,peak_memory --budget 10m\n"
      "  coresweep gate --workload mlp --base-program ./old/coresweep --candidate-program "
      "./new/coresweep\n"
      "  coresweep gate --baseline history/ --candidate-report report.json --cell /w2/\n\n{}",
      kGateExitCodeHelp));
  command->callback([options, &action] {
    action = [options](const ProgramContext& program) { return Run(*options, program); };
  });
}

}  // namespace coresweep
