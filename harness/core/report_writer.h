// The seam between a sweep and what shows it.
#pragma once

#include "harness/core/result.h"

namespace coresweep {

/// Told about a sweep as it goes. Implementations live in `reports` and `bench`.
class ReportWriter {
 public:
  virtual ~ReportWriter() = default;
  /// Before the first trial, with the plan and the trials of earlier calls, if any. Throws `Error`
  /// when it cannot write.
  virtual void Begin(const SweepResult& sweep) = 0;
  /// `trial` starts.
  virtual void TrialStarts(const SweepResult& sweep, const Trial& trial) = 0;
  /// The last of `sweep.trials` is new.
  virtual void TrialEnded(const SweepResult& sweep) = 0;
  /// After the last trial, also when interrupted.
  virtual void End(const SweepResult& sweep) = 0;
};

}  // namespace coresweep
