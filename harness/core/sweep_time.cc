#include "harness/core/sweep_time.h"

#include <algorithm>
#include <vector>

#include "harness/base/clock.h"
#include "harness/core/plan.h"

namespace coresweep {

std::optional<double> SweepTime::NotMeasuringShare() const {
  if (total_s <= 0) return std::nullopt;
  return std::clamp(1 - measuring_s / total_s, 0.0, 1.0);
}

SweepTime TimeOf(const SweepResult& sweep) {
  int64_t total_ns = 0;
  for (const SweepCall& call : sweep.calls)
    total_ns += call.total_ns;
  int64_t measuring_ns = 0;
  for (const TrialResult& trial : sweep.trials)
    if (trial.Throughput()) measuring_ns += trial.measurement.window.LengthNs();
  return {NsToSeconds(total_ns), NsToSeconds(measuring_ns)};
}

int64_t ExpectedTrialNs(const SweepResult& sweep, const Trial& trial) {
  int64_t of_cell_ns = 0;
  int64_t of_others_ns = 0;
  const bool probe = trial.role == TrialRole::kProbe;
  for (const TrialResult& earlier : sweep.trials) {
    if ((earlier.trial.role == TrialRole::kProbe) != probe) continue;
    if (earlier.trial.cell_index == trial.cell_index) {
      of_cell_ns = std::max(of_cell_ns, earlier.took_ns);
    } else if (earlier.Throughput()) {
      of_others_ns = std::max(of_others_ns, earlier.took_ns);
    }
  }
  if (of_cell_ns > 0) return of_cell_ns;
  const Cell& cell = sweep.plan.cells[static_cast<size_t>(trial.cell_index)].cell;
  const int64_t estimate_ns = SecondsToNs(EstimateTrialSeconds(sweep.plan.config, cell));
  if (of_others_ns > 0) return cell.load.open ? std::max(of_others_ns, estimate_ns) : of_others_ns;
  return estimate_ns;
}

int64_t CellsWithoutTrial(const SweepResult& sweep) {
  std::vector<bool> missing(sweep.plan.cells.size(), !sweep.search);
  if (sweep.search) {
    for (const int candidate : sweep.search->cells)
      missing[static_cast<size_t>(candidate)] = true;
  }
  for (const TrialResult& trial : sweep.trials)
    if (trial.measurement.outcome != Outcome::kInterrupted)
      missing[static_cast<size_t>(trial.trial.cell_index)] = false;
  return std::count(missing.begin(), missing.end(), true);
}

}  // namespace coresweep
