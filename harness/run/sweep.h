// The sweep: every trial of a schedule, one after the other.
#pragma once

#include <vector>

#include "harness/base/stop_signal.h"
#include "harness/core/report_writer.h"
#include "harness/core/result.h"
#include "harness/core/trial_schedule.h"
#include "harness/run/trial_runner.h"

namespace coresweep {

/// Runs what `schedule` asks for, appending to `sweep.trials`, and tells the schedule and every
/// writer after each trial. A trial that fails is a result and the sweep goes on; a stop signal
/// ends it with `sweep.interrupted`, keeping what was measured. Throws what a writer throws.
void RunSweep(SweepResult& sweep, TrialSchedule& schedule, TrialRunner& runner,
              const std::vector<ReportWriter*>& writers, StopSignal* stop);

}  // namespace coresweep
