#include "harness/run/dispatcher_meter.h"

#include <sys/resource.h>

#include "harness/base/clock.h"
#include "harness/base/cpu_set.h"

namespace coresweep {
namespace {

rusage OfThisThread() {
  rusage usage{};
  getrusage(RUSAGE_THREAD, &usage);  // cannot fail with these arguments
  return usage;
}

}  // namespace

void DispatcherMeter::Start() {
  const rusage usage = OfThisThread();
  voluntary_begin_ = usage.ru_nvcsw;
  involuntary_begin_ = usage.ru_nivcsw;
  cpu_begin_ns_ = ThreadCpuNs();
  wall_begin_ns_ = NowNs();
}

void DispatcherMeter::Stop() {
  use_.cpu_ns = ThreadCpuNs() - cpu_begin_ns_;
  use_.wall_ns = NowNs() - wall_begin_ns_;
  const rusage usage = OfThisThread();
  use_.voluntary_switches = usage.ru_nvcsw - voluntary_begin_;
  use_.involuntary_switches = usage.ru_nivcsw - involuntary_begin_;
}

DispatcherUse DispatcherMeter::Use(int64_t check_ns) const {
  DispatcherUse use = use_;
  use.check_ns = check_ns;
  use.cpus_effective = GetAffinity().ToList();
  return use;
}

}  // namespace coresweep
