// The sweep: every trial of a schedule, one after the other.
#pragma once

#include <vector>

#include "harness/base/stop_signal.h"
#include "harness/core/report_writer.h"
#include "harness/core/result.h"
#include "harness/core/trial_schedule.h"
#include "harness/run/sweep_clock.h"
#include "harness/run/trial_runner.h"

namespace coresweep {

/// What may end a sweep before its schedule does.
struct SweepBounds {
  StopSignal* stop = nullptr;  ///< nullptr: none
  SweepClock clock = SweepClock();
};

/// Runs what `schedule` asks for, appending to `sweep.trials`, and tells the schedule and every
/// writer after each trial. A trial that fails is a result and the sweep goes on; a stop signal
/// ends it with `sweep.interrupted`, keeping what was measured. No trial starts that would, by
/// `ExpectedTrialNs` and the time that the last one's reports took, end after the budget of
/// the clock: `sweep.ended_by` then names the budget. Keeps the time of the last of `sweep.calls`.
/// What a search has found so far is in `sweep.search`. Throws what a writer throws.
void RunSweep(SweepResult& sweep, TrialSchedule& schedule, TrialRunner& runner,
              const std::vector<ReportWriter*>& writers, const SweepBounds& bounds);

}  // namespace coresweep
