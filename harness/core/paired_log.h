// Launches in run order, each cell's time against the reference launches beside it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "harness/core/order_interval.h"

namespace coresweep {

/// Every few launches of a sweep is one of the reference (the `serial` control). The log ratio of a
/// cell's time to the references just before and after it cancels what drifts more slowly than
/// these lie apart.
class PairedLog {
 public:
  /// Stands for the reference where a cell is named.
  static constexpr int kReference = -1;

  /// A reference more than `reach` launches away is no neighbour.
  explicit PairedLog(int reach) : reach_(reach) {}

  /// The next launch, of `cell` (≥ 0) or `kReference`: seconds per item, finite and > 0; nullopt
  /// for a launch without a value, which only takes its place in the order.
  void Add(int cell, std::optional<double> time_per_item_s);

  /// For every launch, in order: log(its time / mean time of its neighbours), the mean being that
  /// of the logs; of one neighbour where there is only one. For a reference the neighbours are the
  /// other references. nullopt without a value or without a neighbour within reach.
  [[nodiscard]] std::vector<std::optional<double>> Ratios() const;
  /// What `Ratios` gives for the launches of one cell (or `kReference`), in order, nullopts left
  /// out.
  [[nodiscard]] std::vector<double> RatiosOf(int cell) const;
  /// `RatiosOf` cell 0 … `cells` − 1.
  [[nodiscard]] std::vector<std::vector<double>> RatiosByCell(int cells) const;
  /// `EstimateMedian` of `RatiosOf`: > 0 is slower than the reference.
  [[nodiscard]] MedianEstimate Estimate(int cell, double least_confidence = 0.95) const;

  /// Log of the least time of cell 0 … `cells` − 1; nullopt for one without a value.
  [[nodiscard]] std::vector<std::optional<double>> LeastLogTimes(int cells) const;
  /// Cell, or `kReference`, of launch 0 … `size()` − 1.
  [[nodiscard]] int CellOf(int64_t launch) const {
    return launches_[static_cast<size_t>(launch)].cell;
  }
  [[nodiscard]] int64_t size() const { return static_cast<int64_t>(launches_.size()); }

 private:
  struct Launch {
    int cell = kReference;
    std::optional<double> log_time;
  };
  int reach_;
  std::vector<Launch> launches_;
};

}  // namespace coresweep
