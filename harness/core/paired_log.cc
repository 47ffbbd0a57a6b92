#include "harness/core/paired_log.h"

#include <algorithm>
#include <cmath>

#include "harness/base/error.h"

namespace coresweep {

void PairedLog::Add(int cell, std::optional<double> time_per_item_s) {
  if (time_per_item_s && !(std::isfinite(*time_per_item_s) && *time_per_item_s > 0)) {
    throw Error("a launch has no time per item that is finite and above zero");
  }
  launches_.push_back({cell, {}});
  if (time_per_item_s) launches_.back().log_time = std::log(*time_per_item_s);
}

std::vector<std::optional<double>> PairedLog::Ratios() const {
  const int count = static_cast<int>(launches_.size());
  // The reference after each launch, from the back; the one before is carried along below.
  std::vector<int> after(launches_.size(), count);
  for (int i = count - 1, next = count; i >= 0; --i) {
    const Launch& launch = launches_[static_cast<size_t>(i)];
    after[static_cast<size_t>(i)] = next;
    if (launch.cell == kReference && launch.log_time) next = i;
  }
  std::vector<std::optional<double>> ratios(launches_.size());
  int before = -1;
  for (int i = 0; i < count; ++i) {
    const Launch& launch = launches_[static_cast<size_t>(i)];
    if (!launch.log_time) continue;
    double sum = 0;
    int neighbours = 0;
    for (const int neighbour : {before, after[static_cast<size_t>(i)]}) {
      if (neighbour < 0 || neighbour >= count || std::abs(neighbour - i) > reach_) continue;
      sum += *launches_[static_cast<size_t>(neighbour)].log_time;
      ++neighbours;
    }
    if (neighbours > 0) ratios[static_cast<size_t>(i)] = *launch.log_time - sum / neighbours;
    if (launch.cell == kReference) before = i;
  }
  return ratios;
}

std::vector<double> PairedLog::RatiosOf(int cell) const {
  const auto ratios = Ratios();
  std::vector<double> of_cell;
  for (size_t i = 0; i < ratios.size(); ++i) {
    if (launches_[i].cell == cell && ratios[i]) of_cell.push_back(*ratios[i]);
  }
  return of_cell;
}

std::vector<std::vector<double>> PairedLog::RatiosByCell(int cells) const {
  const auto ratios = Ratios();
  std::vector<std::vector<double>> by_cell(static_cast<size_t>(cells));
  for (size_t i = 0; i < ratios.size(); ++i) {
    const int cell = launches_[i].cell;
    if (cell >= 0 && ratios[i]) by_cell.at(static_cast<size_t>(cell)).push_back(*ratios[i]);
  }
  return by_cell;
}

std::vector<std::optional<double>> PairedLog::LeastLogTimes(int cells) const {
  std::vector<std::optional<double>> least(static_cast<size_t>(cells));
  for (const Launch& launch : launches_) {
    if (launch.cell < 0 || !launch.log_time) continue;
    auto& of_cell = least.at(static_cast<size_t>(launch.cell));
    of_cell = std::min(of_cell.value_or(*launch.log_time), *launch.log_time);
  }
  return least;
}

MedianEstimate PairedLog::Estimate(int cell, double least_confidence) const {
  return EstimateMedian(RatiosOf(cell), least_confidence);
}

}  // namespace coresweep
