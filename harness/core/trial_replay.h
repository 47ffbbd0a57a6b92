// An interrupted sweep goes on: a new schedule is told what was measured already.
#pragma once

#include <vector>

#include "harness/core/trial_schedule.h"

namespace coresweep {

/// Tells `schedule`, which was told nothing yet, of `records` in their order. Throws `Error` naming
/// the first record that is not the trial that the schedule asks for: it is then of another plan.
void ReplayTrials(TrialSchedule& schedule, const std::vector<TrialResult>& records);

}  // namespace coresweep
