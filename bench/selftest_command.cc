// `coresweep selftest`: what the gate is worth on this machine, measured.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "bench/commands.h"
#include "bench/exit_codes.h"
#include "bench/gate_arms.h"
#include "bench/gate_options.h"
#include "bench/progress.h"
#include "bench/terminal.h"
#include "harness/base/atomic_file.h"
#include "harness/base/error.h"
#include "harness/core/selftest_score.h"
#include "harness/host/probe.h"
#include "harness/run/find_work.h"
#include "reports/json_values.h"
#include "reports/selftest_report.h"

namespace coresweep {
namespace {

constexpr int64_t kIterations = 100'000;  // some 100 us: short chunks, many of them in a window

struct SelftestOptions {
  double minutes = 5;
  std::vector<double> planted_percent{0, 5, 10};
  int workers = 1;
  double window_s = 0.1;
  int64_t most_blocks = 120;
  uint64_t seed = 1;
  std::string output;
  bool quiet = false;
};

SweepConfig ConfigOf(const SelftestOptions& options, double slowdown) {
  SweepConfig config;
  config.workload.name = "spin";
  config.workload.options = {{"iterations", std::to_string(kIterations)},
                             {"slowdown", fmt::format("{}", slowdown)}};
  config.workload.items = 256;
  config.workers = {false, {options.workers}};
  config.placements = {"none"};
  config.chunks = {8};
  config.window_s = options.window_s;
  config.warmup_s = options.window_s / 4;
  config.measure_cpus_s = 0;
  return config;
}

/// Arm A and an arm B for every planted slowdown, made ready once.
class Arms {
 public:
  Arms(const SelftestOptions& options, const HostFacts& facts, const ProcessContext& context,
       Progress& progress) {
    const auto add = [&](double planted) {
      cells_.push_back(std::make_unique<OneCell>(ConfigOf(options, planted), facts, context,
                                                 progress, "selftest"));
    };
    add(0);
    for (const double percent : options.planted_percent)
      add(percent / 100);
  }
  [[nodiscard]] Arm& base() { return cells_.front()->arm(); }
  [[nodiscard]] Arm& planted(size_t i) { return cells_[i + 1]->arm(); }
  [[nodiscard]] const OneCell& cell() const { return *cells_.front(); }
  void Apply(const LaunchSettings& settings) {
    for (const auto& cell : cells_)
      cell->Apply(settings);
  }

 private:
  std::vector<std::unique_ptr<OneCell>> cells_;
};

void CheckPlanted(const SelftestOptions& options) {
  std::vector<double> sorted = options.planted_percent;
  std::sort(sorted.begin(), sorted.end());
  const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
  if (twice != sorted.end()) throw UsageError(fmt::format("--planted: {} is there twice", *twice));
}

GateLog LogOf(const SelftestOptions& options, double planted, uint64_t seed) {
  GateLog log;
  log.setup.rule.most_blocks = options.most_blocks;
  log.setup.metrics = {{"throughput", "items/s", true}};
  log.setup.seed = seed;
  log.setup.identical_arms = log.setup.same_arms_asked = planted == 0;
  return log;
}

/// Gives all arms the same work, found as a gate finds it.
void FixWork(const HostFacts& facts, StopSignal* stop, Arms& arms, Progress& progress) {
  const OneCell& cell = arms.cell();
  const GateTask task{arms.base(), arms.planted(0), stop, Deadline::After(kNsPerS * 60), {}};
  (void)FindWork(task, {SettingsOf(cell.config(), facts),
                        {LeastWorkOf(cell.planned().cell), cell.reference().info.items, true},
                        false,
                        [&](const LaunchSettings& settings) { arms.Apply(settings); },
                        [&](int launch) {
                          progress.Show(fmt::format("calibration, launch {}", launch + 1));
                        }});
}

/// One gate of each planted slowdown after the other until the time is over; a gate that the time
/// or a signal cut off counts for nothing.
void RunGates(const SelftestOptions& options, const ProgramContext& program, Arms& arms,
              Progress& progress, SelftestResult& result) {
  const Deadline deadline = Deadline::After(SecondsToNs(options.minutes * 60));
  for (uint64_t number = 0; !deadline.Passed(); ++number) {
    const size_t row = number % options.planted_percent.size();
    const double percent = options.planted_percent[row];
    GateLog log = LogOf(options, percent / 100, options.seed + number);
    GateSession session(log.setup);
    GateTask task{arms.base(), arms.planted(row), program.stop, deadline, {}};
    task.watch.launch_starts = [&](const GateSession&, const GateBlock& block, int) {
      progress.Show(fmt::format("gate {}, {} % planted: {} block {}", number + 1, percent,
                                NameOf(block.phase), block.attempt + 1));
    };
    RunGate(log, session, task);
    if (!log.stopped.empty()) break;
    Count(session.Outcome(), result.rows.at(row));
  }
  progress.Clear();
}

int Run(const SelftestOptions& options, const ProgramContext& program) {
  CheckPlanted(options);
  if (!options.output.empty()) {
    try {
      CheckWritable(options.output);
    } catch (const Error& error) {
      throw UsageError(fmt::format("-o: {}", error.what()));
    }
  }
  const HostFacts facts = ReadHostFacts("/", program.environment);
  const ProcessContext context{"/proc/self/exe", program.environment, program.stop};
  Progress progress(stderr, IsTerminal(2) && !options.quiet);
  Arms arms(options, facts, context, progress);
  FixWork(facts, program.stop, arms, progress);
  SelftestResult result;
  for (const double percent : options.planted_percent)
    result.rows.push_back({percent / 100, 0, 0, 0, 0, {}});
  RunGates(options, program, arms, progress, result);
  if (!options.output.empty())
    WriteFileAtomically(options.output, SelftestJson(result).dump(2) + "\n");
  fmt::print("{}", RenderSelftest(result, TerminalWidth(1)));
  if (const int signal = program.stop->Poll(); signal != 0) return kExitSignalled + signal;
  switch (Judge(result.rows, GateRule{})) {
    case SelftestVerdict::kTrustworthy:
      return kExitOk;
    case SelftestVerdict::kUntrue:
      return ExitCodeOf(GateVerdict::kFail);
    case SelftestVerdict::kTooFew:
      return ExitCodeOf(GateVerdict::kInconclusive);
  }
  return kExitError;
}

}  // namespace

void DeclareSelftest(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand(
      "selftest", "How often does the gate of this machine fail on nothing, or miss a slowdown?");
  const auto options = std::make_shared<SelftestOptions>();
  command->add_option("--minutes", options->minutes, "how long (default 5)")
      ->option_text("N")
      ->check(CLI::Range(0.05, 1e4));
  command
      ->add_option("--planted", options->planted_percent,
                   "more work of arm B, in turn; 0 is A against A (default 0,5,10)")
      ->option_text("PERCENT")
      ->delimiter(',')
      ->check(CLI::Range(0.0, 1000.0));
  command->add_option("--workers", options->workers, "worker processes of each launch (default 1)")
      ->option_text("N")
      ->check(CLI::Range(1, 1024));
  command->add_option("--window-s", options->window_s, "window of a launch (default 0.1)")
      ->option_text("SECONDS")
      ->check(CLI::Range(0.01, 60.0));
  command->add_option("--blocks", options->most_blocks, "most blocks of a batch (default 120)")
      ->option_text("N")
      ->check(CLI::Range(20, 100'000));
  command->add_option("--seed", options->seed, "of the coins (default 1)")->option_text("N");
  command->add_option("-o,--output", options->output, "write the table as JSON too")
      ->option_text("FILE");
  command->add_flag("-q,--quiet", options->quiet, "no progress line");
  command->footer(
      "Runs gates of workload spin in turn: A against A, against 5 % and against 10 % more work.\n"
      "Exit codes: 0 no gate failed on nothing and none missed what was planted; 1 proven: it "
      "fails on nothing, or on what is tolerated, more often than 1 %, or misses a planted 5 % "
      "more often than 5 %, or 10 % more often than 0.5 %; 3 neither; 130 interrupted, with the "
      "gates that ended. Of 2 to 5 % nothing is promised.");
  command->callback([options, &action] {
    action = [options](const ProgramContext& program) { return Run(*options, program); };
  });
}

}  // namespace coresweep
