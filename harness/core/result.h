// From measurements to what reports show. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/core/chunk_cost.h"
#include "harness/core/host_facts.h"
#include "harness/core/item_index.h"
#include "harness/core/measurement.h"
#include "harness/core/plan.h"
#include "harness/core/statistics.h"

namespace coresweep {

/// One finished trial.
struct TrialResult {
  Trial trial;
  int64_t started_unix_ms = 0;
  TrialMeasurement measurement;
  /// Items/s: items_in_window / window; nullopt unless the outcome is ok, incorrect or disordered.
  [[nodiscard]] std::optional<double> Throughput() const;
};

/// Latency of a chunk, issued to merged, over the samples of a cell whose computation touches the
/// window of their trial; microseconds.
struct LatencySummary {
  int64_t samples = 0;
  std::optional<double> p50_us, p90_us, p99_us, max_us;
  std::string why_null;  ///< which percentiles are missing and how many samples they need
};

/// Where the time of a chunk goes; medians over the same samples, microseconds. Only mode
/// `processes` has a dispatcher, and with it a queue and a merge.
struct ChunkTimes {
  std::optional<double>
      queue_us;  ///< issued to started: transport and waiting in the worker's queue
  std::optional<double> compute_us;  ///< started to computed
  std::optional<double>
      merge_us;  ///< computed to merged: transport back and waiting for earlier ones
};

/// One cell over its repetitions.
struct CellResult {
  int cell_index = 0;
  int repetitions = 0;  ///< that gave a throughput
  std::string verdict;  ///< ok, incorrect, disordered, failed, …; see harness/core/cell_verdict.h
  std::string reason;   ///< for every verdict but ok, with the remedy
  std::vector<std::string> warnings;
  std::optional<Spread> throughput_per_s;
  /// Ratios to the control of the same repetition, then median, least and greatest; nullopt without
  /// a control that gave a throughput.
  std::optional<Spread> speedup;
  /// Speedup / workers: the control has the threads of one worker, so that this is the speedup over
  /// the processors used in proportion to the control's.
  std::optional<Spread> parallel_efficiency;
  std::optional<Spread> dispatch_efficiency;  ///< mode `processes` only
  LatencySummary latency;
  ChunkTimes chunk_times;
  ChunkCost worker_cost;
  std::optional<ChunkCost> dispatcher_cost;  ///< mode `processes` only
  int64_t chunks = 0;                        ///< answered, over `repetitions`
  OrderingCounts ordering;                   ///< sums over `repetitions`; depths are maxima
  OutputCheck output;
};

/// A sweep as far as it has come: the input of every report.
struct SweepResult {
  Plan plan;
  HostFacts facts;
  WorkloadInfo workload;
  std::vector<std::string> workload_warnings;
  std::optional<SizeSpread> item_sizes;    ///< nullopt where their size is fixed
  std::optional<SizeSpread> answer_sizes;  ///< the same of the reference answers
  RuntimeFacts runtime;                    ///< of the reference process
  std::vector<TrialResult> trials;
  bool interrupted = false;
};

/// The row of plan.cells[cell_index]. Depends on the trials of that cell and of its controls alone.
CellResult SummarizeCell(const SweepResult& sweep, int cell_index);

/// One row for each cell of the plan, in its order.
std::vector<CellResult> SummarizeCells(const SweepResult& sweep);

/// Index into `cells` of the best choice: verdict ok, not `independent`, highest median throughput;
/// among those within 2 % of it the one with the fewest workers · threads, then the highest
/// throughput. `serial` takes part and, at equal workers · threads, wins when nothing beats it by
/// more than these 2 %. The best of those that are throttled, stolen from or migrated is chosen
/// instead when it is more than 10 % faster and was so in every repetition, or when none is ok:
/// under a fractional quota every fast shape is throttled. -1 when there is none.
int BestCell(const SweepResult& sweep, const std::vector<CellResult>& cells);

}  // namespace coresweep
