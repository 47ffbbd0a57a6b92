// Where the dispatcher sits during one trial.
#pragma once

#include "harness/base/cpu_set.h"

namespace coresweep {

/// Binds the calling thread to `cpus` and gives it back its former mask at the end. An empty set:
/// leaves it where it is. Throws `Error` when the kernel refuses.
class DispatcherSeat {
 public:
  explicit DispatcherSeat(const CpuSet& cpus);
  DispatcherSeat(const DispatcherSeat&) = delete;
  DispatcherSeat& operator=(const DispatcherSeat&) = delete;
  ~DispatcherSeat();

 private:
  CpuSet before_;
  bool bound_;
};

}  // namespace coresweep
