// How the cells of a sweep scale: those that differ in nothing but the workers, and the laws that
// fit them. Pure.
#pragma once

#include <string>
#include <vector>

#include "harness/core/result.h"
#include "harness/core/scaling_fit.h"

namespace coresweep {

/// What a law says of a number of workers.
struct ScalingPrediction {
  int workers = 0;
  double speedup = 0;
  bool extrapolation = false;  ///< more workers than were measured: a guess, not a figure
};

/// One law over one group.
struct ScalingLaw {
  FitAnswer answer;
  /// At the best number of workers, where the law has one, and at twice and four times the most
  /// that were measured. Empty without a fit.
  std::vector<ScalingPrediction> predictions;
};

/// Cells that are equal but for the workers.
struct ScalingGroup {
  Cell shape;  ///< any of them
  std::vector<ScalingPoint> points;
  ScalingLaw amdahl, universal;

  /// "processes/t1/compact/c8/shm": the id without the workers.
  [[nodiscard]] std::string Name() const;
};

/// Groups of modes `processes`, `threads` and `independent` with at least two points, in the order
/// of their first cell. A point is the median speedup of a cell that is neither oversubscribed
/// (its workers take turns: another law) nor gave wrong answers; its weight is the number of pairs
/// behind it.
std::vector<ScalingGroup> FindScaling(const SweepResult& sweep,
                                      const std::vector<CellResult>& cells);

}  // namespace coresweep
