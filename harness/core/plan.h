// From configuration and host to cells and trials.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/cell.h"
#include "harness/core/config.h"
#include "harness/core/host_facts.h"
#include "harness/core/placement.h"

namespace coresweep {

/// A cell that will not be measured, and why.
struct SkippedCell {
  Cell cell;
  std::string reason;
};

/// A cell with what it needs to run.
struct PlannedCell {
  Cell cell;
  Placement placement;
};

struct Plan {
  SweepConfig config;              ///< effective: `auto` resolved
  std::vector<PlannedCell> cells;  ///< controls included, in the order of the axes
  std::vector<SkippedCell> skipped;
  /// Repetition after repetition, each shuffled by the seed; among them launches of the reference;
  /// in the first, cells whose rate is a share of the closed throughput come after all others.
  /// Empty where the configuration asks for a search, which decides as it goes.
  std::vector<Trial> trials;
  double estimated_s = 0;  ///< see `EstimateSeconds`
};

/// Powers of two up to `usable`, ¾ of it, all but one and all; ascending, without repeats, each
/// >= 1.
std::vector<int> AutoCounts(int usable);

/// Cross product of the axes plus the controls every cell needs. Pure. `auto` is `AutoCounts` of
/// the usable CPUs and, under a fractional quota, the next whole number. Combinations of `auto`
/// values whose workers · threads exceed that are skipped; explicit ones are kept and their
/// placement is marked oversubscribed.
Plan MakePlan(const SweepConfig& config, const HostFacts& facts);

/// Moves every cell for which `why` gives a reason (not "") from `plan.cells` to `plan.skipped`,
/// and makes the trials anew. A cell whose control goes keeps its place without that ratio.
void SkipCells(Plan& plan, const std::function<std::string(const PlannedCell&)>& why);

/// The cell that reference launches run: the `serial` control with the fewest threads; among
/// several (placements, widths, chunks) the first in the order of the axes. -1 when there is none.
int ReferenceCell(const Plan& plan);

/// `trials` of cells with a reference before the first, after every `every`-th and after the last,
/// each with the repetition of the trial that follows it (of the last one: that it follows). As
/// they are for `every` 0 or without a `reference` (-1).
std::vector<Trial> WithReferences(const std::vector<Trial>& trials, int reference, int every);

/// Trials of the plan, or those of its search without the rounds of the race.
int64_t PlannedTrials(const Plan& plan);

/// Of one trial of `cell`: start-up, warm-up and window, seconds.
double EstimateTrialSeconds(const SweepConfig& config, const Cell& cell);

/// Lower bound of the sweep's time: start-up, warm-up and window of every planned trial. The window
/// grows when a chunk takes long, which is only known when the workload runs.
double EstimateSeconds(const Plan& plan);

/// The control that judges cells[index], as an index into `plan.cells`; -1 when it has none, as
/// under open load, whose throughput is what was asked for.
int ControlIndex(const Plan& plan, int index, Mode control);

}  // namespace coresweep
