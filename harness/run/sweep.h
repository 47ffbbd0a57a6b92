// The sweep: every trial of the plan, one after the other.
#pragma once

#include <vector>

#include "harness/base/stop_signal.h"
#include "harness/core/report_writer.h"
#include "harness/core/result.h"
#include "harness/run/trial_runner.h"

namespace coresweep {

/// Runs the trials of `sweep.plan` in order, appending to `sweep.trials` and telling every writer
/// after each. A trial that fails is a result and the sweep goes on; a stop signal ends it with
/// `sweep.interrupted`, keeping what was measured. Throws what a writer throws.
void RunSweep(SweepResult& sweep, TrialRunner& runner, const std::vector<ReportWriter*>& writers,
              StopSignal* stop);

}  // namespace coresweep
