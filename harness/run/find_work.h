// Finds the work of every launch of a gate by launching both arms before its blocks.
#pragma once

#include <functional>

#include "harness/core/gate_calibration.h"
#include "harness/run/gate_run.h"

namespace coresweep {

struct WorkSearch {
  LaunchSettings asked;
  CalibrationBounds bounds;
  bool arms_may_refuse = false;                      ///< programs: they need not know fixed work
  std::function<void(const LaunchSettings&)> apply;  ///< to every later launch of both arms
  std::function<void(int launch)> starts;            ///< before calibrating launch 0, 1, …
};

/// Launches A, B, A, B, … `kCalibrationRounds` times with the calibrating settings, ending early
/// with the deadline, a signal or a launch that went wrong, and applies what `Calibrate` makes of
/// it. Arms that may refuse are launched once with it: when one does not end well, both go by time.
GateCalibration FindWork(const GateTask& task, const WorkSearch& search);

}  // namespace coresweep
