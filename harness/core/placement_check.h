// Whether a worker really sat where it was to sit, from what it read back. Pure.
#pragma once

#include <string>

#include "harness/core/measurement.h"
#include "harness/core/result.h"

namespace coresweep {

/// "" when, at the end of the window, each computing thread had exactly the CPUs asked for and no
/// other thread of the process more than the worker's; else what was so instead: "ran thread 1 on
/// CPUs 0 instead of 1".
std::string PlacementDifference(const WorkerMeasurement& worker);

/// What moved the threads of `trial`, as far as it can be known, with the remedy: a limit that was
/// rewritten, a variable of the environment by which OpenMP binds threads, or neither.
std::string DisplacementCause(const SweepResult& sweep, const TrialResult& trial);

}  // namespace coresweep
