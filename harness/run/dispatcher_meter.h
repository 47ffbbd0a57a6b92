// What the parent itself uses while a trial runs.
#pragma once

#include <cstdint>

#include "harness/core/measurement.h"

namespace coresweep {

/// Counts for the calling thread between `Start` and `Stop`.
class DispatcherMeter {
 public:
  void Start();
  void Stop();
  void CountWakeup() { ++use_.wakeups; }
  /// `check_ns`: of the whole, spent on digests and comparisons.
  [[nodiscard]] DispatcherUse Use(int64_t check_ns) const;

 private:
  DispatcherUse use_;
  int64_t cpu_begin_ns_ = 0;
  int64_t wall_begin_ns_ = 0;
  int64_t voluntary_begin_ = 0;
  int64_t involuntary_begin_ = 0;
};

}  // namespace coresweep
