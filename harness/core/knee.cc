#include "harness/core/knee.h"

#include <algorithm>

#include "harness/core/cell_verdict.h"

namespace coresweep {
namespace {

Cell ClosedTwin(Cell cell) {
  cell.load = {};
  return cell;
}

/// Chunks/s; the last chunk of a pass may have fewer items than the others.
std::optional<double> ChunksPerSecond(const TrialResult& trial) {
  const auto items_per_s = trial.Throughput();
  const TrialMeasurement& measured = trial.measurement;
  if (!items_per_s || *items_per_s <= 0 || measured.chunks <= 0 || measured.ordering.answers <= 0)
    return std::nullopt;
  return *items_per_s * static_cast<double>(measured.chunks) /
         static_cast<double>(measured.ordering.answers);
}

bool WithinBound(const SweepResult& sweep, const CellResult& cell) {
  const auto& bound_ms = sweep.plan.config.latency_bound_ms;
  return !bound_ms || (cell.latency.p99_us && *cell.latency.p99_us <= *bound_ms * 1e3);
}

Sustained Judge(const SweepResult& sweep, const CellResult& cell) {
  static constexpr std::array kNothingToTell{"incorrect", "disordered",  "failed",
                                             "timed_out", "interrupted", "pending"};
  const bool tells =
      std::find(kNothingToTell.begin(), kNothingToTell.end(), cell.verdict) == kNothingToTell.end();
  if (!tells || !cell.open_load) return Sustained::kUnknown;
  if (cell.open_load->saturated) return Sustained::kNo;
  if (sweep.plan.config.latency_bound_ms && !cell.latency.p99_us) return Sustained::kUnknown;
  return WithinBound(sweep, cell) ? Sustained::kYes : Sustained::kNo;
}

Knee& KneeOf(const Cell& cell, std::vector<Knee>& knees) {
  const std::string shape = ClosedTwin(cell).Id();
  const auto known = std::find_if(knees.begin(), knees.end(),
                                  [&](const Knee& knee) { return knee.shape == shape; });
  if (known != knees.end()) return *known;
  knees.push_back({shape, cell.load.arrivals, {}, std::nullopt});
  return knees.back();
}

void FindHighest(Knee& knee) {
  std::stable_sort(
      knee.points.begin(), knee.points.end(),
      [](const RatePoint& a, const RatePoint& b) { return a.rate_per_s < b.rate_per_s; });
  for (size_t i = 0; i < knee.points.size(); ++i) {
    if (knee.points[i].sustained != Sustained::kYes) return;
    knee.highest = i;
  }
}

}  // namespace

std::optional<double> RequestRate(const SweepResult& sweep, int cell_index) {
  const Cell& cell = sweep.plan.cells[static_cast<size_t>(cell_index)].cell;
  if (cell.load.share <= 0) return cell.load.rate_per_s;
  const Cell closed = ClosedTwin(cell);
  for (const TrialResult& trial : sweep.trials) {
    if (trial.trial.role == TrialRole::kProbe) continue;  // its time is not used
    if (sweep.plan.cells[static_cast<size_t>(trial.trial.cell_index)].cell != closed) continue;
    if (const auto rate = ChunksPerSecond(trial)) return *rate * cell.load.share;
  }
  return std::nullopt;
}

std::string_view ToString(Sustained sustained) {
  switch (sustained) {
    case Sustained::kYes:
      return "yes";
    case Sustained::kNo:
      return "no";
    case Sustained::kUnknown:
      break;
  }
  return "unknown";
}

std::vector<Knee> FindKnees(const SweepResult& sweep, const std::vector<CellResult>& cells) {
  std::vector<Knee> knees;
  for (const CellResult& result : cells) {
    const Cell& cell = sweep.plan.cells[static_cast<size_t>(result.cell_index)].cell;
    if (!cell.load.open) continue;
    Knee& knee = KneeOf(cell, knees);
    const auto rate = RequestRate(sweep, result.cell_index);
    if (rate) knee.points.push_back({result.cell_index, *rate, Judge(sweep, result)});
  }
  for (Knee& knee : knees)
    FindHighest(knee);
  return knees;
}

}  // namespace coresweep
