// Where a series of runs changed its level: E-divisive with a permutation test. Pure.
//
// D. S. Matteson and N. A. James, "A nonparametric approach for multiple change point analysis of
// multivariate data", JASA 109(505), 2014: between X = z[b, t) and Y = z[t, k), of n and m values,
//   E(X, Y) = 2/(nm) ΣΣ |x - y| - C(n,2)⁻¹ Σ_{i<j} |x_i - x_j| - C(m,2)⁻¹ Σ_{i<j} |y_i - y_j|
// with exponent 1 (their equation 5), and the next change point is the t, over all k, at which
// Q = nm/(n+m) E is greatest (their equation 7) in any part that those found before leave. It is
// kept while no more than a share of the permutations of the values within their parts has a
// greater Q (their section 3.2); the first that is not ends the search. MongoDB (D. Daly et al.,
// ICPE 2020), Hunter and Apache Otava find changes in benchmarks in this way.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace coresweep {

struct ChangePointSetup {
  double significance = 0.01;  ///< greatest p-value that is a change
  int64_t permutations = 999;  ///< of each test; the least p-value is 1 / (permutations + 1)
  size_t least_values = 3;     ///< of every part: one outlier is no change; at least 2
  uint64_t seed = 1;           ///< of the permutations: the same series gives the same answer
};

struct ChangePoint {
  size_t index = 0;    ///< of the first value of the new level
  double p_value = 1;  ///< of the permutation test that found it
  bool operator==(const ChangePoint&) const = default;
};

/// The changes of `values`, in their order; none of fewer than 2 · least_values. Takes time
/// proportional to permutations · changes · values². Throws `UsageError` where a number of `setup`
/// makes no sense.
std::vector<ChangePoint> FindChangePoints(std::span<const double> values,
                                          const ChangePointSetup& setup);

}  // namespace coresweep
