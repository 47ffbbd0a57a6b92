// A cell against its control, from values that were measured side by side.
#pragma once

#include <optional>
#include <vector>

#include "harness/core/order_interval.h"

namespace coresweep {

struct SweepConfig;
struct SweepResult;

/// Ratios of throughputs (cell / control), one a repetition.
struct PairedRatio {
  double median = 0, low = 0, high = 0;  ///< the middle, the least and the greatest of them
  MedianEstimate interval;               ///< of the median; `why_null` when they are too few
  /// Both sides are ratios to the references launched beside them; else the two throughputs of one
  /// repetition are set against each other, however far apart they ran.
  bool through_references = false;
};

/// How many launches away a reference may be to be a neighbour: twice the gap between two, since
/// one may fail.
int ReferenceReach(const SweepConfig& config);

/// Of each of `sweep.trials`: log(its time per item / that of the references beside it), see
/// `PairedLog::Ratios`; > 0 is slower. Only references with right answers count. nullopt for
/// probes, trials without a throughput and those without a reference within `ReferenceReach`.
std::vector<std::optional<double>> LogRatios(const SweepResult& sweep);

/// plan.cells[cell] over plan.cells[control], repetition by repetition, each ratio divided by
/// `divisor` (> 0); nullopt without a repetition in which both gave a throughput. `log_ratios` is
/// `LogRatios(sweep)`; where a pair lacks one of them none is used.
std::optional<PairedRatio> RatioToControl(const SweepResult& sweep,
                                          const std::vector<std::optional<double>>& log_ratios,
                                          int cell, int control, double divisor);

}  // namespace coresweep
