#include "harness/host/sentinel.h"

#include <algorithm>

#include "harness/base/clock.h"
#include "harness/core/counter_random.h"

namespace coresweep {

SentinelTime RunSentinel(int64_t steps) {
  const int64_t begin_ns = NowNs();
  const int64_t begin_cpu_ns = ThreadCpuNs();
  uint64_t word = 1;
  for (int64_t step = 0; step < steps; ++step)
    word = Mix64(word + 1);
  // A result that nobody reads need not be computed.
  volatile uint64_t kept = word;
  (void)kept;
  const int64_t cpu_ns = ThreadCpuNs() - begin_cpu_ns;
  return {NowNs() - begin_ns, cpu_ns};
}

int64_t CalibrateSentinel(int64_t target_ns) {
  constexpr int kRuns = 5;
  constexpr int64_t kShortNs = kNsPerMs;
  constexpr int64_t kMostSteps = int64_t{1} << 40;
  int64_t steps = 1024;
  while (RunSentinel(steps).cpu_ns < kShortNs && steps < kMostSteps)
    steps *= 2;
  int64_t least_ns = RunSentinel(steps).cpu_ns;
  for (int run = 1; run < kRuns; ++run)
    least_ns = std::min(least_ns, RunSentinel(steps).cpu_ns);
  const double rate =
      static_cast<double>(steps) / static_cast<double>(std::max<int64_t>(1, least_ns));
  return std::max<int64_t>(1, static_cast<int64_t>(rate * static_cast<double>(target_ns)));
}

}  // namespace coresweep
