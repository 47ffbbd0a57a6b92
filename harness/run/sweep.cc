#include "harness/run/sweep.h"

#include "harness/base/child_process.h"
#include "harness/base/clock.h"
#include "harness/core/knee.h"
#include "harness/core/sweep_time.h"

namespace coresweep {
namespace {

void TakeSearch(const TrialSchedule& schedule, SweepResult& sweep) {
  if (const SweepSearch* found = schedule.Found()) sweep.search = *found;
}

/// The time that reports show is up to date when they are told of something.
void Tick(SweepResult& sweep, const SweepClock& clock) {
  if (!sweep.calls.empty()) sweep.calls.back().total_ns = clock.ElapsedNs();
}

/// As `runner`, at the rate that a share of the closed throughput comes to.
TrialMeasurement Measure(const SweepResult& sweep, const Trial& trial, TrialRunner& runner) {
  PlannedCell planned = sweep.plan.cells[static_cast<size_t>(trial.cell_index)];
  if (!planned.cell.load.open) return runner.Run(planned, trial);
  const auto rate = RequestRate(sweep, trial.cell_index);
  if (rate) {
    planned.cell.load.rate_per_s = *rate;
    return runner.Run(planned, trial);
  }
  TrialMeasurement measurement;
  measurement.outcome = Outcome::kFailed;
  measurement.message =
      "the same cell under closed load, of whose throughput this rate is a share, gave none: mend "
      "that cell first, or give requests a second";
  return measurement;
}

TrialResult RunTrial(const SweepResult& sweep, const Trial& trial, TrialRunner& runner,
                     const SweepClock& clock) {
  TrialResult result{trial, UnixMs(), {}};
  const int64_t begin_ns = clock.ElapsedNs();
  result.measurement = Measure(sweep, trial, runner);
  result.took_ns = clock.ElapsedNs() - begin_ns;
  return result;
}

/// False when a signal or the budget ends the sweep before `trial`. `reports_ns`: what writing them
/// took after the last one.
bool MayStart(const Trial& trial, int64_t reports_ns, const SweepBounds& bounds,
              SweepResult& sweep) {
  const auto& [stop, clock] = bounds;
  if (stop != nullptr && stop->Poll() != 0) sweep.interrupted = true;
  if (sweep.interrupted) return false;
  if (clock.Allows(ExpectedTrialNs(sweep, trial) + reports_ns)) return true;
  sweep.ended_by = clock.BudgetName();
  return false;
}

}  // namespace

void RunSweep(SweepResult& sweep, TrialSchedule& schedule, TrialRunner& runner,
              const std::vector<ReportWriter*>& writers, const SweepBounds& bounds) {
  const SweepClock& clock = bounds.clock;
  const auto tell = [&](const auto& event) {
    for (ReportWriter* writer : writers)
      event(*writer);
  };
  TakeSearch(schedule, sweep);
  Tick(sweep, clock);
  tell([&](ReportWriter& writer) { writer.Begin(sweep); });
  int64_t reports_ns = 0;
  while (const std::optional<Trial> trial = schedule.Next()) {
    if (!MayStart(*trial, reports_ns, bounds, sweep)) break;
    tell([&](ReportWriter& writer) { writer.TrialStarts(sweep, *trial); });
    TrialResult result = RunTrial(sweep, *trial, runner, clock);
    sweep.interrupted = result.measurement.outcome == Outcome::kInterrupted;
    if (!sweep.interrupted) schedule.Add(result);
    sweep.trials.push_back(std::move(result));
    TakeSearch(schedule, sweep);
    Tick(sweep, clock);
    const int64_t ended_ns = clock.ElapsedNs();
    tell([&](ReportWriter& writer) { writer.TrialEnded(sweep); });
    ReapStrays();
    reports_ns = clock.ElapsedNs() - ended_ns;
  }
  if (sweep.interrupted) schedule.Stop("a signal");
  if (!sweep.ended_by.empty()) schedule.Stop(sweep.ended_by);
  TakeSearch(schedule, sweep);
  Tick(sweep, clock);
  tell([&](ReportWriter& writer) { writer.End(sweep); });
}

}  // namespace coresweep
