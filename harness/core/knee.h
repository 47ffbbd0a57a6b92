// The highest rate that a shape sustains, and the closed throughput that shares of it are taken of.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/core/result.h"

namespace coresweep {

/// Requests/s for trials of `plan.cells[cell_index]`: as asked for, or, for a share, of what the
/// first measured trial of the same cell under closed load answered. Pure in the trials so far, so
/// that all repetitions and a resumed sweep ask for the same rate. nullopt: nothing was measured
/// there.
std::optional<double> RequestRate(const SweepResult& sweep, int cell_index);

/// Whether a cell keeps up with its rate.
enum class Sustained {
  kYes,
  kNo,       ///< saturated, or p99 beyond the latency bound
  kUnknown,  ///< not measured, failed, or too few requests for a p99 where there is a bound
};

struct RatePoint {
  int cell_index = 0;
  double rate_per_s = 0;
  Sustained sustained = Sustained::kUnknown;
};

/// The cells that differ in nothing but the rate of their open load.
struct Knee {
  std::string shape;  ///< id of the cell under closed load
  Arrivals arrivals = Arrivals::kPoisson;
  std::vector<RatePoint> points;  ///< ascending in rate; those without a rate are left out
  /// Index into `points`: the highest that is sustained with all below it; nullopt: not even the
  /// lowest, or nothing was measured.
  std::optional<size_t> highest;
};

/// "yes", "no", "unknown".
std::string_view ToString(Sustained sustained);

/// One for each shape under open load, in the order of the plan. `cells` are `SummarizeCells`.
std::vector<Knee> FindKnees(const SweepResult& sweep, const std::vector<CellResult>& cells);

}  // namespace coresweep
