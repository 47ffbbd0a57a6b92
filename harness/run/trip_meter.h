// Times one thing again and again for a while.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "harness/base/clock.h"

namespace coresweep {

/// How long and how often.
struct MeterPlan {
  int64_t budget_ns = 10 * kNsPerMs;
  int64_t warm_up_ns = 2 * kNsPerMs;
  int64_t warm_up_trips = 6;  ///< at least, however long they take
  int trips_per_sample = 1;   ///< more where reading the clock would be a part of the figure
  int64_t least_samples = 1;  ///< taken also beyond the budget, up to `kMostOverrun` times it
  int64_t most_samples = 20'000;
};
constexpr int64_t kMostOverrun = 10;

/// Calls `trip` until the warm-up is over and then until the budget or `most_samples` is reached;
/// `begin` in between. Nanoseconds of a trip, one value a sample.
template <typename Begin, typename Trip>
std::vector<double> MeasureTrips(const MeterPlan& plan, const Begin& begin, const Trip& trip) {
  const Deadline warm = Deadline::After(plan.warm_up_ns);
  for (int64_t trips = 0; trips < plan.warm_up_trips || !warm.Passed(); ++trips)
    trip();
  begin();
  std::vector<double> samples;
  samples.reserve(static_cast<size_t>(plan.most_samples));
  int64_t now_ns = NowNs();
  const int64_t end_ns = now_ns + plan.budget_ns;
  const int64_t last_ns = now_ns + kMostOverrun * plan.budget_ns;
  const auto enough = [&] {
    const auto taken = static_cast<int64_t>(samples.size());
    return taken >= plan.most_samples || now_ns >= last_ns ||
           (taken >= plan.least_samples && now_ns >= end_ns);
  };
  do {
    const int64_t before_ns = now_ns;
    for (int i = 0; i < plan.trips_per_sample; ++i)
      trip();
    now_ns = NowNs();
    samples.push_back(static_cast<double>(now_ns - before_ns) / plan.trips_per_sample);
  } while (!enough());
  return samples;
}

}  // namespace coresweep
