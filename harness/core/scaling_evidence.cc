#include "harness/core/scaling_evidence.h"

#include <algorithm>
#include <vector>

#include "harness/core/cell_verdict.h"

namespace coresweep {
namespace {

std::optional<double> Share(double part, double whole) {
  if (!(whole > 0)) return std::nullopt;
  return part / whole;
}

std::optional<double> Throttled(const TrialMeasurement& trial) {
  const auto& throttle = trial.system.throttle;
  if (!throttle) return std::nullopt;
  return Share(static_cast<double>(throttle->throttled_periods),
               static_cast<double>(throttle->periods));
}

/// Nanoseconds that the allowed CPUs had between the two readings.
double Capacity(const SystemUse& system) {
  return static_cast<double>(system.interval_ns) * system.cpus;
}

std::optional<double> Stolen(const TrialMeasurement& trial) {
  if (!trial.system.steal_ns) return std::nullopt;
  return Share(static_cast<double>(*trial.system.steal_ns), Capacity(trial.system));
}

/// CPUs' worth of time that workers and dispatcher use; nullopt when a worker has not read it.
std::optional<double> OwnCpus(const TrialMeasurement& trial) {
  double cpus = 0;
  for (const WorkerMeasurement& worker : trial.workers) {
    const auto share =
        Share(static_cast<double>(worker.use.cpu_ns), static_cast<double>(worker.use.interval_ns));
    if (!share) return std::nullopt;
    cpus += *share;
  }
  if (trial.workers.empty()) return std::nullopt;
  if (trial.dispatcher) {
    cpus += Share(static_cast<double>(trial.dispatcher->cpu_ns),
                  static_cast<double>(trial.dispatcher->wall_ns))
                .value_or(0);
  }
  return cpus;
}

/// /proc/stat counts in ticks of 10 ms.
constexpr double kTickNs = 1e7;

/// Busy time of the allowed CPUs that is not our own, at least: a tick of each CPU may be ours.
std::optional<double> Foreign(const TrialMeasurement& trial) {
  const SystemUse& system = trial.system;
  const auto own = OwnCpus(trial);
  if (!own || !system.busy_ns) return std::nullopt;
  const double others = static_cast<double>(*system.busy_ns) -
                        *own * static_cast<double>(system.interval_ns) - kTickNs * system.cpus;
  return Share(std::max(0.0, others), Capacity(system));
}

std::optional<double> Dispatcher(const TrialMeasurement& trial) {
  if (!trial.dispatcher) return std::nullopt;
  return Share(static_cast<double>(trial.dispatcher->cpu_ns),
               static_cast<double>(trial.dispatcher->wall_ns));
}

std::optional<double> LeastItems(const TrialMeasurement& trial) {
  if (trial.workers.size() < 2) return std::nullopt;
  const auto [least, most] =
      std::minmax_element(trial.workers.begin(), trial.workers.end(),
                          [](const WorkerMeasurement& a, const WorkerMeasurement& b) {
                            return a.items_in_window < b.items_in_window;
                          });
  return Share(least->items_in_window, most->items_in_window);
}

std::optional<double> HeadOfLineUs(const TrialMeasurement& trial) {
  if (!trial.dispatcher) return std::nullopt;
  return Share(static_cast<double>(trial.ordering.head_of_line_ns) / 1e3,
               static_cast<double>(trial.chunks));
}

/// Sum over the workers of one counter / of another; nullopt where one was not counted.
template <typename Part, typename Whole>
std::optional<double> CounterRatio(const TrialMeasurement& trial, Part part_of, Whole whole_of) {
  double part = 0;
  double whole = 0;
  for (const WorkerMeasurement& worker : trial.workers) {
    const std::optional<int64_t> one = part_of(worker.use);
    const std::optional<int64_t> other = whole_of(worker.use);
    if (!one || !other) return std::nullopt;
    part += static_cast<double>(*one);
    whole += static_cast<double>(*other);
  }
  return Share(part, whole);
}

std::optional<double> InstructionsPerCycle(const TrialMeasurement& trial) {
  return CounterRatio(
      trial, [](const WorkerUse& use) { return use.instructions; },
      [](const WorkerUse& use) { return use.cycles; });
}

std::optional<double> CyclesPerNs(const TrialMeasurement& trial) {
  return CounterRatio(
      trial, [](const WorkerUse& use) { return use.cycles; },
      [](const WorkerUse& use) { return std::optional(use.cpu_ns); });
}

template <typename Value>
std::optional<double> MedianOver(const std::vector<const TrialMeasurement*>& trials, Value value) {
  std::vector<double> values;
  for (const TrialMeasurement* trial : trials)
    if (const std::optional<double> one = value(*trial)) values.push_back(*one);
  return Median(values);
}

}  // namespace

ScalingEvidence GatherEvidence(const SweepResult& sweep, int index) {
  std::vector<const TrialMeasurement*> trials;
  for (const TrialResult* trial : TrialsOf(sweep, index))
    if (trial->Throughput()) trials.push_back(&trial->measurement);
  const Cell& cell = sweep.plan.cells[static_cast<size_t>(index)].cell;
  ScalingEvidence evidence;
  evidence.throttled = MedianOver(trials, Throttled);
  evidence.stolen = MedianOver(trials, Stolen);
  evidence.foreign = MedianOver(trials, Foreign);
  evidence.dispatcher = MedianOver(trials, Dispatcher);
  evidence.least_items = MedianOver(trials, LeastItems);
  evidence.head_of_line_us = MedianOver(trials, HeadOfLineUs);
  evidence.instructions_per_cycle = MedianOver(trials, InstructionsPerCycle);
  evidence.cycles_per_ns = MedianOver(trials, CyclesPerNs);
  evidence.compute_us = ComputeTimeUs(sweep, index);
  evidence.computing = MedianOver(trials, [&](const TrialMeasurement& trial) {
    if (!evidence.compute_us) return std::optional<double>();
    const double chunks = trial.items_in_window / static_cast<double>(cell.chunk);
    return Share(chunks * *evidence.compute_us * 1e3,
                 static_cast<double>(trial.window.LengthNs()) * cell.workers);
  });
  return evidence;
}

}  // namespace coresweep
