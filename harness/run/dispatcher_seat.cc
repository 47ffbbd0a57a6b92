#include "harness/run/dispatcher_seat.h"

#include <fmt/format.h>

#include "harness/base/error.h"

namespace coresweep {

DispatcherSeat::DispatcherSeat(const CpuSet& cpus) : before_(GetAffinity()), bound_(!cpus.Empty()) {
  if (!bound_) return;
  const int error = SetAffinity(cpus);
  if (error == 0) return;
  throw Error(fmt::format("cannot bind the dispatcher to CPUs {}: {}; allowed are {}",
                          cpus.ToList(), DescribeErrno(error), before_.ToList()));
}

DispatcherSeat::~DispatcherSeat() {
  // Refused only when the cpuset has changed meanwhile; then the kernel has moved us already.
  if (bound_) (void)SetAffinity(before_);
}

}  // namespace coresweep
