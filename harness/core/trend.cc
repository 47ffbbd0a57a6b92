#include "harness/core/trend.h"

#include <fmt/format.h>

#include "harness/base/error.h"
#include "harness/core/launch.h"
#include "harness/core/statistics.h"

namespace coresweep {
namespace {

TrendLevel LevelOf(const TrendSeries& series, size_t first, size_t last) {
  std::vector<double> values;
  for (size_t i = first; i <= last; ++i)
    values.push_back(series.points[i].value);
  TrendLevel level;
  level.first = first;
  level.last = last;
  level.median = Median(values).value_or(0);
  return level;
}

}  // namespace

std::vector<TrendLevel> LevelsOf(const TrendSeries& series, const ChangePointSetup& setup) {
  const LaunchMetric* metric = FindLaunchMetric(series.metric);
  if (metric == nullptr) throw UsageError(fmt::format("{}: no metric", series.metric));
  std::vector<double> values;
  for (const TrendPoint& point : series.points)
    values.push_back(point.value);
  const std::vector<ChangePoint> changes = FindChangePoints(values, setup);
  std::vector<TrendLevel> levels;
  if (values.empty()) return levels;
  for (size_t i = 0; i <= changes.size(); ++i) {
    const size_t first = i == 0 ? 0 : changes[i - 1].index;
    const size_t next = i < changes.size() ? changes[i].index : values.size();
    TrendLevel level = LevelOf(series, first, next - 1);
    if (i > 0) {
      level.p_value = changes[i - 1].p_value;
      if (levels.back().median > 0) level.ratio = level.median / levels.back().median;
      level.worse = metric->higher_is_better ? level.median < levels.back().median
                                             : level.median > levels.back().median;
    }
    levels.push_back(level);
  }
  return levels;
}

}  // namespace coresweep
