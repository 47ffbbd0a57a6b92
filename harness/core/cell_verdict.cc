#include "harness/core/cell_verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <vector>

#include "harness/core/placement_check.h"

namespace coresweep {
namespace {

constexpr double kThrottledShare = 0.05;
constexpr double kUnstableShare = 0.20;
constexpr size_t kLeastForUnstable = 3;
constexpr double kStolenShare = 0.05;
constexpr const char* kGoOn = "go on with `coresweep run --resume REPORT`";
constexpr double kMigrationsPerS = 100;  // of a worker

const Cell& CellAt(const SweepResult& sweep, int index) {
  return sweep.plan.cells[static_cast<size_t>(index)].cell;
}

std::string ThrottleRemedy(const SweepResult& sweep, const Cell& cell) {
  const auto& quota = sweep.facts.cpu_quota;
  if (!quota) return "use fewer workers × threads, or raise the CPU quota";
  const int fit = std::max(1, static_cast<int>(std::min(quota->value, 1e6)));
  if (cell.Parallelism() > fit) {
    const std::string holds = quota->value < 1 ? "less than one thread fits"
                              : fit == 1       ? "1 thread fits"
                                               : fmt::format("{} threads fit", fit);
    return fmt::format("{} the quota of {:g} CPUs; use at most {} workers × threads", holds,
                       quota->value, fit);
  }
  return fmt::format("raise the CPU quota, now {:g} CPUs, or stop what else runs in this container",
                     quota->value);
}

std::optional<Judgement> JudgeThrottling(const SweepResult& sweep, int index,
                                         const std::vector<const TrialResult*>& trials) {
  double worst = 0;
  for (const TrialResult* trial : trials) {
    const auto& throttle = trial->measurement.system.throttle;
    if (throttle) worst = std::max(worst, ShareOf(throttle->throttled_periods, throttle->periods));
  }
  if (worst <= kThrottledShare) return std::nullopt;
  return Judgement{"throttled", fmt::format("throttled in {:.0f} % of periods: {}", worst * 100,
                                            ThrottleRemedy(sweep, CellAt(sweep, index)))};
}

/// The median over the trials for which `value` gives one; 0 without any: one disturbed repetition
/// of several does not make the verdict.
template <typename Value>
double MedianOver(const std::vector<const TrialResult*>& trials, Value value) {
  std::vector<double> values;
  for (const TrialResult* trial : trials)
    if (const std::optional<double> one = value(trial->measurement)) values.push_back(*one);
  const auto spread = SpreadOf(values);
  return spread ? spread->median : 0;
}

std::optional<double> StolenShare(const TrialMeasurement& measurement) {
  const SystemUse& system = measurement.system;
  if (!system.steal_ns || system.interval_ns <= 0 || system.cpus <= 0) return std::nullopt;
  return ShareOf(*system.steal_ns, system.interval_ns * system.cpus);
}

std::optional<Judgement> JudgeSteal(const std::vector<const TrialResult*>& trials) {
  const double share = MedianOver(trials, StolenShare);
  if (share <= kStolenShare) return std::nullopt;
  return Judgement{
      "stolen",
      fmt::format("the hypervisor gave {:.0f} % of the time of the allowed CPUs to others (bound "
                  "{:.0f} %): measure again at another hour or on another host",
                  share * 100, kStolenShare * 100)};
}

/// Of the worker that migrated most.
std::optional<double> MigrationsPerS(const TrialMeasurement& measurement) {
  std::optional<double> most;
  for (const WorkerMeasurement& worker : measurement.workers) {
    const WorkerUse& use = worker.use;
    if (!use.migrations || use.interval_ns <= 0) continue;
    const double rate =
        static_cast<double>(*use.migrations) / (static_cast<double>(use.interval_ns) * 1e-9);
    most = std::max(most.value_or(0), rate);
  }
  return most;
}

std::optional<Judgement> JudgeMigrations(const std::vector<const TrialResult*>& trials) {
  const double rate = MedianOver(trials, MigrationsPerS);
  if (rate <= kMigrationsPerS) return std::nullopt;
  return Judgement{"migrated",
                   fmt::format("a worker moved between CPUs {:.0f} times a second (bound {:.0f}): "
                               "bind it, for example with placement compact and width pu",
                               rate, kMigrationsPerS)};
}

std::optional<Judgement> JudgePlacement(const SweepResult& sweep,
                                        const std::vector<const TrialResult*>& trials) {
  for (const TrialResult* trial : trials) {
    for (const WorkerMeasurement& worker : trial->measurement.workers) {
      const std::string difference = PlacementDifference(worker);
      if (difference.empty()) continue;
      return Judgement{"displaced", fmt::format("worker {} {}: {}", worker.index, difference,
                                                DisplacementCause(sweep, *trial))};
    }
  }
  return std::nullopt;
}

/// Of a cell of open load: at least half of its trials could not keep up.
std::optional<Judgement> JudgeLoad(const Cell& cell,
                                   const std::vector<const TrialResult*>& trials) {
  const TrialResult* worst = nullptr;
  size_t open = 0;
  size_t saturated = 0;
  for (const TrialResult* trial : trials) {
    if (!trial->measurement.open_load || !trial->Throughput()) continue;
    ++open;
    if (!IsSaturated(cell, *trial->measurement.open_load)) continue;
    ++saturated;
    if (worst == nullptr ||
        trial->measurement.open_load->queue_most > worst->measurement.open_load->queue_most)
      worst = trial;
  }
  if (worst == nullptr || 2 * saturated < open) return std::nullopt;
  return Judgement{"saturated", WhySaturated(*worst->measurement.open_load)};
}

std::optional<Judgement> JudgeStability(const Cell& cell,
                                        const std::vector<const TrialResult*>& trials) {
  if (cell.load.open) return std::nullopt;  // as many requests came as chance would have it
  std::vector<double> throughputs;
  for (const TrialResult* trial : trials)
    if (const auto throughput = trial->Throughput()) throughputs.push_back(*throughput);
  if (throughputs.size() < kLeastForUnstable) return std::nullopt;
  const Spread spread = *SpreadOf(throughputs);
  if (!(spread.high - spread.low > kUnstableShare * spread.median)) return std::nullopt;
  return Judgement{
      "unstable",
      fmt::format("throughput varied by {:.0f} % of its median over {} repetitions: use more "
                  "repetitions or a longer window, on a quieter machine",
                  (spread.high - spread.low) / spread.median * 100, throughputs.size())};
}

std::string DefaultReason(Outcome outcome) {
  if (outcome == Outcome::kInterrupted)
    return fmt::format("stopped before its trial ended: {}", kGoOn);
  return fmt::format("a trial ended as {} without a message: see 'trials' in the report",
                     ToString(outcome));
}

std::optional<Judgement> JudgeOutcome(const std::vector<const TrialResult*>& trials) {
  static constexpr std::array kWorstFirst = {Outcome::kIncorrect, Outcome::kDisordered,
                                             Outcome::kFailed, Outcome::kTimedOut,
                                             Outcome::kInterrupted};
  for (const Outcome outcome : kWorstFirst) {
    const auto latest = std::find_if(
        trials.rbegin(), trials.rend(),
        [outcome](const TrialResult* trial) { return trial->measurement.outcome == outcome; });
    if (latest == trials.rend()) continue;
    const std::string& message = (*latest)->measurement.message;
    return Judgement{std::string(ToString(outcome)),
                     message.empty() ? DefaultReason(outcome) : message};
  }
  return std::nullopt;
}

/// What kept the cell from being what it was meant to be; the weightiest first.
std::array<std::optional<Judgement>, 4> Disturbances(
    const SweepResult& sweep, int index, const std::vector<const TrialResult*>& trials) {
  return {JudgePlacement(sweep, trials), JudgeThrottling(sweep, index, trials), JudgeSteal(trials),
          JudgeMigrations(trials)};
}

/// Every launch of cells[index], references and probes too.
std::vector<const TrialResult*> LaunchesOf(const SweepResult& sweep, int index) {
  std::vector<const TrialResult*> launches;
  for (const TrialResult& trial : sweep.trials)
    if (trial.trial.cell_index == index) launches.push_back(&trial);
  return launches;
}

Judgement NotMeasured(const SweepResult& sweep) {
  if (sweep.search && sweep.search->ended && !sweep.interrupted && sweep.ended_by.empty())
    return {"pending", "the search ended before it gave a value: allow it more time"};
  if (sweep.interrupted)
    return {"interrupted", fmt::format("the sweep was stopped before it: {}", kGoOn)};
  if (!sweep.ended_by.empty())
    return {"pending", fmt::format("{} ended before it: {}", sweep.ended_by, kGoOn)};
  return {"pending", "not measured yet: let the sweep come to its end"};
}

}  // namespace

std::vector<const TrialResult*> TrialsOf(const SweepResult& sweep, int index) {
  auto trials = LaunchesOf(sweep, index);
  std::erase_if(trials, [](const TrialResult* result) {
    const TrialRole role = result->trial.role;
    return role == TrialRole::kReference || role == TrialRole::kProbe;
  });
  return trials;
}

std::vector<std::string> TrialWarnings(const SweepResult& sweep, const TrialResult& trial) {
  std::vector<std::string> warnings = trial.measurement.warnings;
  for (const auto& judgement : Disturbances(sweep, trial.trial.cell_index, {&trial})) {
    if (judgement) warnings.push_back(fmt::format("{}: {}", judgement->verdict, judgement->reason));
  }
  if (const auto judgement = JudgeLoad(CellAt(sweep, trial.trial.cell_index), {&trial}))
    warnings.push_back(fmt::format("{}: {}", judgement->verdict, judgement->reason));
  return warnings;
}

Judgement JudgeCell(const SweepResult& sweep, int index) {
  const auto trials = TrialsOf(sweep, index);
  // A wrong answer is one, whatever the launch was for.
  if (auto judgement = JudgeOutcome(LaunchesOf(sweep, index))) return *judgement;
  if (trials.empty()) return NotMeasured(sweep);
  for (const auto& judgement : Disturbances(sweep, index, trials))
    if (judgement) return *judgement;
  if (auto judgement = JudgeLoad(CellAt(sweep, index), trials)) return *judgement;
  if (auto judgement = JudgeStability(CellAt(sweep, index), trials)) return *judgement;
  return {"ok", ""};
}

}  // namespace coresweep
