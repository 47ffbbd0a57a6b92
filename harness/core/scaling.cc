#include "harness/core/scaling.h"

#include <fmt/format.h>

#include <algorithm>

namespace coresweep {
namespace {

/// The cell with a number of workers that says nothing.
Cell WithoutWorkers(Cell cell) {
  cell.workers = 1;
  return cell;
}

bool IsPoint(const PlannedCell& planned, const CellResult& result) {
  if (planned.cell.mode == Mode::kSerial || planned.placement.oversubscribed) return false;
  if (result.verdict == "incorrect" || result.verdict == "disordered") return false;
  return result.speedup && result.speedup->median > 0;
}

int MostWorkers(const std::vector<ScalingPoint>& points) {
  int most = 0;
  for (const ScalingPoint& point : points)
    most = std::max(most, point.workers);
  return most;
}

ScalingLaw LawOf(FitAnswer answer, const std::vector<ScalingPoint>& points) {
  ScalingLaw law{std::move(answer), {}};
  if (!law.answer.fit) return law;
  const int most = MostWorkers(points);
  std::vector<int> counts;
  if (const auto best = law.answer.fit->BestWorkers()) counts.push_back(*best);
  counts.push_back(2 * most);
  counts.push_back(4 * most);
  for (const int count : counts)
    law.predictions.push_back({count, law.answer.fit->SpeedupAt(count), count > most});
  return law;
}

}  // namespace

std::string ScalingGroup::Name() const {
  const std::string id = WithoutWorkers(shape).Id();
  const std::string workers = "/w1";
  const size_t at = id.find(workers);
  return id.substr(0, at) + id.substr(at + workers.size());
}

std::vector<ScalingGroup> FindScaling(const SweepResult& sweep,
                                      const std::vector<CellResult>& cells) {
  std::vector<ScalingGroup> groups;
  for (const CellResult& result : cells) {
    const PlannedCell& planned = sweep.plan.cells[static_cast<size_t>(result.cell_index)];
    if (!IsPoint(planned, result)) continue;
    const Cell shape = WithoutWorkers(planned.cell);
    auto group = std::find_if(groups.begin(), groups.end(),
                              [&shape](const ScalingGroup& g) { return g.shape == shape; });
    if (group == groups.end()) group = groups.insert(groups.end(), ScalingGroup{shape, {}, {}, {}});
    group->points.push_back({planned.cell.workers, result.speedup->median,
                             static_cast<double>(result.speedup->interval.values)});
  }
  std::erase_if(groups, [](const ScalingGroup& group) { return group.points.size() < 2; });
  for (ScalingGroup& group : groups) {
    group.amdahl = LawOf(FitAmdahl(group.points), group.points);
    group.universal = LawOf(FitUniversal(group.points), group.points);
  }
  return groups;
}

}  // namespace coresweep
