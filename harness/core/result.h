// From measurements to what reports show. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/core/chunk_cost.h"
#include "harness/core/host_facts.h"
#include "harness/core/item_index.h"
#include "harness/core/latency.h"
#include "harness/core/load_summary.h"
#include "harness/core/measurement.h"
#include "harness/core/paired_ratio.h"
#include "harness/core/plan.h"
#include "harness/core/scaling_cause.h"
#include "harness/core/statistics.h"
#include "harness/core/steady_state.h"
#include "harness/core/sweep_search.h"

namespace coresweep {

/// One finished trial.
struct TrialResult {
  Trial trial;
  int64_t started_unix_ms = 0;
  TrialMeasurement measurement;
  int64_t took_ns = 0;  ///< from the decision to run it until its processes were gone
  /// Items/s: items_in_window / window; nullopt unless the outcome is ok, incorrect or disordered.
  [[nodiscard]] std::optional<double> Throughput() const;
  bool operator==(const TrialResult&) const = default;
};

/// One call of `coresweep run` on a sweep; a sweep that was resumed has several.
struct SweepCall {
  int64_t started_unix_ms = 0;
  std::string argv;           ///< its command line
  int64_t trials_before = 0;  ///< finished when it began
  int64_t total_ns = 0;  ///< since its start; of a call that was killed: to its last finished trial
  bool operator==(const SweepCall&) const = default;
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
  /// Over the control; nullopt without a control that gave a throughput in the same repetition.
  std::optional<PairedRatio> speedup;
  /// Speedup / workers: the control has the threads of one worker, so that this is the speedup over
  /// the processors used in proportion to the control's.
  std::optional<PairedRatio> parallel_efficiency;
  std::optional<PairedRatio> dispatch_efficiency;  ///< mode `processes` only
  LatencySummary latency;  ///< from the due time, which under closed load is that of the issue
  std::optional<OpenLoadSummary> open_load;
  ChunkTimes chunk_times;
  ChunkCost worker_cost;
  std::optional<ChunkCost> dispatcher_cost;  ///< mode `processes` only
  int64_t chunks = 0;                        ///< answered, over `repetitions`
  OrderingCounts ordering;                   ///< sums over `repetitions`; depths are maxima
  OutputCheck output;
  std::vector<ScalingCause> causes;  ///< why its parallel efficiency is low; see `FindCauses`
};

/// Which start of which container a sweep ran in; digests or names, "" where unknown.
struct ContainerIdentity {
  std::string instance;  ///< the same in all sweeps of one container start
  std::string boot;      ///< the same in all containers of one boot of one kernel
};

/// A sweep as far as it has come: the input of every report.
struct SweepResult {
  Plan plan;
  HostFacts facts;
  ContainerIdentity container;
  WorkloadInfo workload;
  std::vector<std::string> workload_warnings;
  std::optional<SizeSpread> item_sizes;    ///< nullopt where their size is fixed
  std::optional<SizeSpread> answer_sizes;  ///< the same of the reference answers
  RuntimeFacts runtime;                    ///< of the reference process
  std::vector<TrialResult> trials;
  std::optional<SweepSearch> search;  ///< nullopt: the sweep measures the trials of its plan
  bool interrupted = false;
  std::string ended_by;          ///< "the time budget of 10 min"; "" = not ended before its time
  std::vector<SweepCall> calls;  ///< the last one is this one
};

/// By the windows of all trials but probes, which are of one workload: see `JudgeSteadiness`.
SteadyState SteadinessOf(const std::vector<TrialResult>& trials);

/// Trials in all: those of the plan, or those that the search expects.
int64_t ExpectedTrials(const SweepResult& sweep);

/// Median time of a chunk's computation in plan.cells[cell_index], microseconds, over the same
/// samples as `CellResult::chunk_times`.
std::optional<double> ComputeTimeUs(const SweepResult& sweep, int cell_index);

/// The row of plan.cells[cell_index]. Depends on the trials of that cell, of its controls, and of
/// the references beside them.
CellResult SummarizeCell(const SweepResult& sweep, int cell_index);

/// One row for each cell of the plan, in its order.
std::vector<CellResult> SummarizeCells(const SweepResult& sweep);

/// Cells whose throughput is this close to the best are as good: less than what a second sweep of
/// the same cells differs by.
constexpr double kAsGood = 0.02;
/// So much faster has a throttled, stolen from or migrated cell to be to be chosen all the same.
constexpr double kWorthATrouble = 1.1;

/// Index into `cells` of the best choice: that of the search where there was one. Else: verdict ok,
/// not `independent`, not of open load, whose throughput is what was asked for, highest median
/// throughput; among those within 2 % of it the one with the fewest workers · threads, then the
/// highest throughput. `serial` takes part and, at equal workers · threads, wins when nothing beats
/// it by more than these 2 %. The best of those that are throttled, stolen from or migrated is
/// chosen instead when it is more than 10 % faster and was so in every repetition, or when none is
/// ok: under a fractional quota every fast shape is throttled. -1 when there is none.
int BestCell(const SweepResult& sweep, const std::vector<CellResult>& cells);

}  // namespace coresweep
