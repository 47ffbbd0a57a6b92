// When each request of open load is due.
#pragma once

#include <cstdint>

#include "harness/core/counter_random.h"
#include "harness/core/load.h"

namespace coresweep {

/// What decides the due times of one trial. The same seed and stream give every cell the same
/// arrivals, stretched to its rate.
struct ArrivalSpec {
  Arrivals arrivals = Arrivals::kPoisson;
  double rate_per_s = 1;  ///< > 0
  uint64_t seed = 1;
  uint64_t stream = 0;  ///< the repetition
};

/// Walks through the due times from the first on; computes them, stores none. Two walks over one
/// spec give the same times.
/// - constant: request k at origin + k / rate, rounded to a nanosecond; nothing adds up.
/// - poisson: gaps of −ln(1 − u) / rate with u uniform in [0, 1), which are exponential
///   (inverse transform; Devroye 1986, "Non-Uniform Random Variate Generation", II.2).
class ArrivalSchedule {
 public:
  /// `origin_ns`: when the load begins.
  ArrivalSchedule(const ArrivalSpec& spec, int64_t origin_ns);

  /// Number of the request looked at, from 0.
  [[nodiscard]] uint64_t index() const { return index_; }
  /// When it is due; on the clock of the origin.
  [[nodiscard]] int64_t due_ns() const { return due_ns_; }
  /// Goes on to the next one.
  void Next() noexcept;

 private:
  void Compute() noexcept;

  ArrivalSpec spec_;
  CounterRandom random_;
  int64_t origin_ns_;
  uint64_t index_ = 0;
  double since_origin_ns_ = 0;  ///< poisson; exact to a nanosecond for a hundred days
  int64_t due_ns_ = 0;
};

}  // namespace coresweep
