#include "harness/core/paired_ratio.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "harness/core/paired_log.h"
#include "harness/core/result.h"
#include "harness/core/statistics.h"

namespace coresweep {
namespace {

std::optional<double> TimePerItem(const TrialResult& result) {
  const bool reference = result.trial.role == TrialRole::kReference;
  if (reference && result.measurement.outcome != Outcome::kOk) return std::nullopt;
  const auto throughput = result.Throughput();
  if (!throughput || !(*throughput > 0)) return std::nullopt;
  return 1 / *throughput;
}

/// Indices into `sweep.trials` of a cell's trial and its control's in the same repetition.
using Pair = std::pair<size_t, size_t>;

std::vector<Pair> PairsOf(const SweepResult& sweep, int cell, int control) {
  std::vector<size_t> of_cell;
  std::vector<size_t> of_control;
  for (size_t i = 0; i < sweep.trials.size(); ++i) {
    const TrialResult& result = sweep.trials[i];
    if (result.trial.role != TrialRole::kCell || !TimePerItem(result)) continue;
    if (result.trial.cell_index == cell) of_cell.push_back(i);
    if (result.trial.cell_index == control) of_control.push_back(i);
  }
  std::vector<Pair> pairs;
  for (const size_t own : of_cell) {
    const auto judge = std::find_if(of_control.begin(), of_control.end(), [&](size_t other) {
      return sweep.trials[other].trial.repetition == sweep.trials[own].trial.repetition;
    });
    if (judge != of_control.end()) pairs.emplace_back(own, *judge);
  }
  return pairs;
}

}  // namespace

int ReferenceReach(const SweepConfig& config) {
  return 2 * config.reference_every;
}

std::vector<std::optional<double>> LogRatios(const SweepResult& sweep) {
  PairedLog log(ReferenceReach(sweep.plan.config));
  std::vector<size_t> logged;
  for (size_t i = 0; i < sweep.trials.size(); ++i) {
    const TrialResult& result = sweep.trials[i];
    if (result.trial.role == TrialRole::kProbe) continue;
    const bool reference = result.trial.role == TrialRole::kReference;
    log.Add(reference ? PairedLog::kReference : result.trial.cell_index, TimePerItem(result));
    logged.push_back(i);
  }
  const auto ratios = log.Ratios();
  std::vector<std::optional<double>> of_trials(sweep.trials.size());
  for (size_t i = 0; i < logged.size(); ++i)
    of_trials[logged[i]] = ratios[i];
  return of_trials;
}

std::optional<PairedRatio> RatioToControl(const SweepResult& sweep,
                                          const std::vector<std::optional<double>>& log_ratios,
                                          int cell, int control, double divisor) {
  if (control < 0) return std::nullopt;
  const std::vector<Pair> pairs = PairsOf(sweep, cell, control);
  const bool through_references = std::all_of(pairs.begin(), pairs.end(), [&](const Pair& pair) {
    return log_ratios[pair.first] && log_ratios[pair.second];
  });
  std::vector<double> ratios;
  for (const auto& [own, judge] : pairs) {
    const double ratio =
        through_references
            ? std::exp(*log_ratios[judge] - *log_ratios[own])  // times: the control's on top
            : *sweep.trials[own].Throughput() / *sweep.trials[judge].Throughput();
    ratios.push_back(ratio / divisor);
  }
  const auto spread = SpreadOf(ratios);
  if (!spread) return std::nullopt;
  return PairedRatio{spread->median, spread->low, spread->high, EstimateMedian(ratios),
                     through_references};
}

}  // namespace coresweep
