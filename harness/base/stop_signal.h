// Ctrl-C and termination as a descriptor: no handler, no flag, no race.
#pragma once

#include "harness/base/unique_fd.h"

namespace coresweep {

/// While it lives, SIGINT, SIGTERM and SIGHUP are blocked in the calling thread and in the threads
/// it starts later, and are read from a signalfd; also right for PID 1 of a container, whose
/// default dispositions the kernel ignores. Make it in main before any thread. SIGPIPE is ignored.
class StopSignal {
 public:
  StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;
  ~StopSignal();

  /// Readable once a signal came; for poll and epoll. Owned by this object.
  [[nodiscard]] int fd() const { return fd_.get(); }

  /// The first signal that came (SIGINT, SIGTERM, SIGHUP) or 0; never blocks; keeps its answer.
  [[nodiscard]] int Poll();

 private:
  UniqueFd fd_;
  int received_ = 0;
};

/// Empties the signal mask of the calling thread and restores the default dispositions that
/// `StopSignal` changed: for a child before it works.
void RestoreDefaultSignals();

}  // namespace coresweep
