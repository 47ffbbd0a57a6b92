// Median of some values with the interval between two of them: order statistics, no model of the
// noise.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace coresweep {

/// A median and what is known of it.
struct MedianEstimate {
  std::optional<double> median;     ///< nullopt for no values
  std::optional<double> low, high;  ///< both or neither; each is one of the values
  double confidence = 0;  ///< that [low, high] covers the true median, 0 … 1; 0 without an interval
  int64_t values = 0;
  std::string why_null;  ///< why there is no interval; "" when there is one

  /// "order statistics, 97.9 %"; "" without an interval. Rounded down, never up.
  [[nodiscard]] std::string Method() const;
};

/// The narrowest interval [x(k), x(n+1−k)] of the sorted values whose confidence
/// 1 − 2·P(Binomial(n, ½) < k) is at least `least_confidence` (0 < … < 1). Exact when the values
/// are independent with one median; in any order. Takes the median alone when they are too few.
MedianEstimate EstimateMedian(std::span<const double> values, double least_confidence = 0.95);

/// How many values `EstimateMedian` needs for an interval: least n with 1 − 2^(1−n) at or above it.
int64_t LeastValuesFor(double least_confidence);

/// Log ratios of times (this / reference) as a speedup over the reference: exp(−x) of each figure.
MedianEstimate SpeedupFrom(const MedianEstimate& log_time_ratio);

/// Log ratios as ratios: exp(x) of each figure.
MedianEstimate RatioFrom(const MedianEstimate& log_ratio);

/// Each figure divided by `divisor` > 0: parallel efficiency is the speedup divided by the workers.
MedianEstimate Divided(const MedianEstimate& estimate, double divisor);

}  // namespace coresweep
