// Two small independent samples: the exact rank-sum test, the ratio between them, and Holm's
// correction where many pairs are tested. No model of the noise.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace coresweep {

/// Two-sided p of the exact rank-sum test (Wilcoxon 1945; Mann and Whitney 1947): the share of all
/// ways to part the pooled mid-ranks into these sizes whose rank sum is at least as far from its
/// mean. Exact with ties too, given them. 1 when a side is empty.
double RankSumP(std::span<const double> a, std::span<const double> b);

/// The least p that `RankSumP` can give for samples of these sizes: 2 / C(m + n, n), at most 1.
double LeastRankSumP(size_t m, size_t n);

/// How many times b is as large as a.
struct SampleRatio {
  double ratio = 1;
  std::optional<double> low, high;  ///< both or neither
  double confidence = 0;            ///< of low to high, 0 … 1; 0 without an interval
};

/// Median of all ratios b_j / a_i (Hodges and Lehmann 1963, on logarithms) with the interval that
/// the rank-sum test gives for it: the narrowest two of these ratios, as far from both ends, with
/// at least `least_confidence`. All values > 0, neither side empty.
SampleRatio RatioBetween(std::span<const double> a, std::span<const double> b,
                         double least_confidence = 0.95);

/// Each p after Holm's step-down correction for all of them (Holm 1979), in their order: to call
/// those at or below alpha different errs in any of them with a chance of at most alpha.
std::vector<double> HolmAdjusted(std::span<const double> p);

}  // namespace coresweep
