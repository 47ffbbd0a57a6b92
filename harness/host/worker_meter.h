// What one worker uses, counted by itself at the edges of the window.
#pragma once

#include <memory>

#include "harness/core/use.h"

namespace coresweep {

/// Of the whole process (`alone_in_process`) or, beside other instances in one process, of the
/// calling thread and the threads that it starts after this object was made. In the latter case
/// switches, faults and run-queue delay are the calling thread's alone, as are CPU time and
/// migrations where perf_event_open is refused. Made, used and destroyed by one thread. A source
/// that the container refuses, or whose counter does not count plausibly, stays nullopt; nothing
/// throws.
class WorkerMeter {
 public:
  /// Opens hardware counters (perf_event_open, user mode) and, where allowed, software events.
  explicit WorkerMeter(bool alone_in_process);
  WorkerMeter(const WorkerMeter&) = delete;
  WorkerMeter& operator=(const WorkerMeter&) = delete;
  ~WorkerMeter();

  /// Some tens of microseconds and one or two for each thread of the process; the first time and
  /// for threads that are new some more, so call it once before it counts.
  void Begin();
  /// What was counted since `Begin`; nothing, with `interval_ns` 0, when there was none.
  [[nodiscard]] WorkerUse End() const;

 private:
  struct Sources;
  std::unique_ptr<Sources> sources_;
};

}  // namespace coresweep
