// Which of several alternatives no other beats in two figures.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace coresweep {

struct ParetoPoint {
  double least = 0;  ///< the less the better: a cost, a latency
  double most = 0;   ///< the more the better: a throughput; a latency with its sign changed
};

/// Indices of the points on the Pareto front, by `least`: each has a greater `most` than all points
/// with as little or less of `least`. Of equal points the first. No value may be NaN.
std::vector<size_t> ParetoFront(std::span<const ParetoPoint> points);

}  // namespace coresweep
