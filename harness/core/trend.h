// What became of one figure of one cell over the runs that a history holds. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/change_points.h"

namespace coresweep {

/// The value of one stored run.
struct TrendPoint {
  int64_t entry = 0;    ///< of the history
  std::string created;  ///< of its report
  std::string build;    ///< of coresweep, as `StoredRun::identity`
  std::string verdict;  ///< of the cell
  double value = 0;
};

/// Runs on one kind of machine, of one workload, measured in one way; in order of their time. The
/// build may differ.
struct TrendSeries {
  std::string machine, workload, measuring;  ///< as `StoredRun::identity`
  std::string cell, metric;
  std::vector<TrendPoint> points;
};

/// Runs between two changes.
struct TrendLevel {
  size_t first = 0, last = 0;  ///< indices of points, both included
  double median = 0;
  std::optional<double> ratio;    ///< to the level before; nullopt for the first
  std::optional<double> p_value;  ///< of the change that begins it; nullopt for the first
  /// The change is one for the worse; false for the first.
  bool worse = false;
};

/// The levels of the series, none without points. Throws `UsageError` as `FindChangePoints`.
std::vector<TrendLevel> LevelsOf(const TrendSeries& series, const ChangePointSetup& setup);

}  // namespace coresweep
