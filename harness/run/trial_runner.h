// The seam between the sweep and processes.
#pragma once

#include "harness/core/measurement.h"
#include "harness/core/plan.h"

namespace coresweep {

/// Runs one trial. Implementations: processes, and a fake with exact numbers for tests.
class TrialRunner {
 public:
  virtual ~TrialRunner() = default;
  /// Never throws for what befalls a trial: that is its outcome.
  virtual TrialMeasurement Run(const PlannedCell& planned, const Trial& trial) = 0;
};

}  // namespace coresweep
