#include "harness/core/order_interval.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "harness/core/statistics.h"

namespace coresweep {
namespace {

/// P(Binomial(n, ½) ≤ k) for k = 0, 1, … in turn: 2^-n · Σ C(n, i). 2^-n is applied in parts, so
/// that neither it nor the binomials leave the range of a double.
class BinomialTail {
 public:
  explicit BinomialTail(int64_t n) : n_(n), halvings_(n) {}

  /// P(≤ k) for the next k.
  double Next() {
    if (k_ > 0) term_ *= static_cast<double>(n_ - k_ + 1) / static_cast<double>(k_);
    ++k_;
    sum_ += term_;
    while (sum_ > 0x1p500 && halvings_ >= 500)
      Halve(500);
    return halvings_ > 1000 ? 0 : std::ldexp(sum_, -static_cast<int>(halvings_));
  }

 private:
  void Halve(int times) {
    term_ = std::ldexp(term_, -times);
    sum_ = std::ldexp(sum_, -times);
    halvings_ -= times;
  }
  int64_t n_;
  int64_t k_ = 0;
  int64_t halvings_;
  double term_ = 1;
  double sum_ = 0;
};

}  // namespace

std::string MedianEstimate::Method() const {
  if (!low) return "";
  // A hair is added, so that 0.979 does not come out as 97.8 for being stored below it.
  return fmt::format("order statistics, {:.1f} %", std::floor(confidence * 1000 + 1e-9) / 10);
}

MedianEstimate EstimateMedian(std::span<const double> values, double least_confidence) {
  MedianEstimate estimate;
  estimate.median = Median(values);
  estimate.values = static_cast<int64_t>(values.size());
  const int64_t needed = LeastValuesFor(least_confidence);
  if (estimate.values < needed) {
    estimate.why_null = fmt::format("{} of {} values needed for an interval at {:g} %",
                                    estimate.values, needed, least_confidence * 100);
    return estimate;
  }
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  BinomialTail tail(estimate.values);
  size_t outside = 0;  // values left out on each side
  double confidence = 1 - 2 * tail.Next();
  while (confidence >= least_confidence) {
    estimate.low = sorted[outside];
    estimate.high = sorted[sorted.size() - 1 - outside];
    estimate.confidence = confidence;
    if (++outside >= (sorted.size() + 1) / 2) break;
    confidence = 1 - 2 * tail.Next();
  }
  return estimate;
}

int64_t LeastValuesFor(double least_confidence) {
  int64_t values = 1;
  double outside = 1;  // 2^(1-n): chance that all values lie on one side of the median
  while (1 - outside < least_confidence) {
    outside /= 2;
    ++values;
  }
  return values;
}

MedianEstimate SpeedupFrom(const MedianEstimate& log_time_ratio) {
  MedianEstimate speedup = log_time_ratio;
  if (log_time_ratio.median) speedup.median = std::exp(-*log_time_ratio.median);
  if (log_time_ratio.low) {
    speedup.low = std::exp(-*log_time_ratio.high);
    speedup.high = std::exp(-*log_time_ratio.low);
  }
  return speedup;
}

MedianEstimate RatioFrom(const MedianEstimate& log_ratio) {
  MedianEstimate ratio = log_ratio;
  for (auto* figure : {&ratio.median, &ratio.low, &ratio.high}) {
    if (*figure) **figure = std::exp(**figure);
  }
  return ratio;
}

MedianEstimate Divided(const MedianEstimate& estimate, double divisor) {
  MedianEstimate divided = estimate;
  for (auto* figure : {&divided.median, &divided.low, &divided.high}) {
    if (*figure) **figure /= divisor;
  }
  return divided;
}

}  // namespace coresweep
