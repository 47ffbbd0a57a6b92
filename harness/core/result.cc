#include "harness/core/result.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <tuple>
#include <utility>

#include "harness/base/clock.h"
#include "harness/core/cell_verdict.h"

namespace coresweep {
namespace {

double ToUs(int64_t ns) {
  return static_cast<double>(ns) / static_cast<double>(kNsPerUs);
}

/// Calls `visit` with the samples that count.
template <typename Visit>
void ForEachSample(const std::vector<const TrialMeasurement*>& measured, Visit visit) {
  for (const TrialMeasurement* trial : measured) {
    for (const ChunkSample& sample : trial->samples) {
      if (CountsIn(*trial, sample)) visit(sample);
    }
  }
}

ChunkTimes SummarizeChunkTimes(const std::vector<const TrialMeasurement*>& measured, Mode mode) {
  std::vector<double> queue;
  std::vector<double> compute;
  std::vector<double> merge;
  ForEachSample(measured, [&](const ChunkSample& sample) {
    queue.push_back(ToUs(sample.started_ns - sample.issued_ns));
    compute.push_back(ToUs(sample.computed_ns - sample.started_ns));
    merge.push_back(ToUs(sample.merged_ns - sample.computed_ns));
  });
  ChunkTimes times;
  times.compute_us = Median(compute);
  if (mode == Mode::kProcesses) {  // the others have no dispatcher: not measured, not 0
    times.queue_us = Median(queue);
    times.merge_us = Median(merge);
  }
  return times;
}

void AddOrdering(const OrderingCounts& counts, OrderingCounts& sum) {
  sum.answers += counts.answers;
  sum.missing += counts.missing;
  sum.duplicated += counts.duplicated;
  sum.misplaced += counts.misplaced;
  sum.corrupted += counts.corrupted;
  sum.completion_inversions += counts.completion_inversions;
  sum.max_reorder_depth = std::max(sum.max_reorder_depth, counts.max_reorder_depth);
  sum.head_of_line_ns += counts.head_of_line_ns;
}

void AddOutput(const OutputCheck& check, OutputCheck& sum) {
  sum.compared += check.compared;
  sum.bitwise_equal += check.bitwise_equal;
  sum.outside_tolerance += check.outside_tolerance;
  sum.max_abs_diff = std::max(sum.max_abs_diff, check.max_abs_diff);
}

std::vector<const TrialResult*> MeasuredTrialsOf(const SweepResult& sweep, int index) {
  auto trials = TrialsOf(sweep, index);
  std::erase_if(trials, [](const TrialResult* trial) { return !trial->Throughput(); });
  return trials;
}

std::vector<const TrialMeasurement*> MeasurementsOf(const std::vector<const TrialResult*>& trials) {
  std::vector<const TrialMeasurement*> measurements;
  measurements.reserve(trials.size());
  for (const TrialResult* trial : trials)
    measurements.push_back(&trial->measurement);
  return measurements;
}

void SummarizeThroughput(const std::vector<const TrialResult*>& measured, CellResult& result) {
  std::vector<double> throughputs;
  throughputs.reserve(measured.size());
  for (const TrialResult* trial : measured)
    throughputs.push_back(*trial->Throughput());
  result.throughput_per_s = SpreadOf(throughputs);
}

void SummarizeRatios(const SweepResult& sweep, const std::vector<std::optional<double>>& log_ratios,
                     CellResult& result) {
  const int index = result.cell_index;
  const Cell& cell = sweep.plan.cells[static_cast<size_t>(index)].cell;
  const auto over = [&](Mode control, double divisor) {
    return RatioToControl(sweep, log_ratios, index, ControlIndex(sweep.plan, index, control),
                          divisor);
  };
  result.speedup = over(Mode::kSerial, 1);
  // The control has as many threads as each worker: `workers` times its processors are in use.
  result.parallel_efficiency = over(Mode::kSerial, cell.workers);
  if (cell.mode == Mode::kProcesses) result.dispatch_efficiency = over(Mode::kIndependent, 1);
}

/// All that is told by samples and counters.
void SummarizeTrials(const Cell& cell, const std::vector<const TrialMeasurement*>& trials,
                     CellResult& result) {
  result.latency = SummarizeLatency(trials, Since::kDue);
  result.open_load = SummarizeOpenLoad(cell, trials);
  result.chunk_times = SummarizeChunkTimes(trials, cell.mode);
  result.worker_cost = WorkerChunkCost(trials);
  if (cell.mode == Mode::kProcesses) result.dispatcher_cost = DispatcherChunkCost(trials);
  for (const TrialMeasurement* trial : trials) {
    result.chunks += trial->chunks;
    AddOrdering(trial->ordering, result.ordering);
    AddOutput(trial->output, result.output);
  }
}

CellResult Summarize(const SweepResult& sweep, const std::vector<std::optional<double>>& log_ratios,
                     int cell_index) {
  const auto measured = MeasuredTrialsOf(sweep, cell_index);
  CellResult result;
  result.cell_index = cell_index;
  result.repetitions = static_cast<int>(measured.size());
  SummarizeThroughput(measured, result);
  SummarizeRatios(sweep, log_ratios, result);
  SummarizeTrials(sweep.plan.cells[static_cast<size_t>(cell_index)].cell, MeasurementsOf(measured),
                  result);
  const Judgement judgement = JudgeCell(sweep, cell_index);
  result.verdict = judgement.verdict;
  result.reason = judgement.reason;
  result.warnings = CellWarnings(sweep, result);
  result.causes = FindCauses(sweep, result);
  return result;
}

/// Index into `cells` of the best of those that `may` be chosen, as `BestCell` says; -1: none.
template <typename May>
int BestOf(const SweepResult& sweep, const std::vector<CellResult>& cells, May may) {
  const auto cell_of = [&sweep](const CellResult& result) -> const Cell& {
    return sweep.plan.cells[static_cast<size_t>(result.cell_index)].cell;
  };
  std::vector<size_t> candidates;
  double highest = 0;
  for (size_t i = 0; i < cells.size(); ++i) {
    if (!may(cells[i]) || !cells[i].throughput_per_s) continue;
    if (cell_of(cells[i]).mode == Mode::kIndependent || cell_of(cells[i]).load.open) continue;
    candidates.push_back(i);
    highest = std::max(highest, cells[i].throughput_per_s->median);
  }
  std::erase_if(candidates, [&](size_t i) {
    return cells[i].throughput_per_s->median < highest * (1 - kAsGood);
  });
  if (candidates.empty()) return -1;
  const auto cost = [&](size_t i) {  // least is best
    const Cell& cell = cell_of(cells[i]);
    return std::tuple(cell.Parallelism(), cell.mode != Mode::kSerial,
                      -cells[i].throughput_per_s->median);
  };
  return static_cast<int>(
      *std::min_element(candidates.begin(), candidates.end(),
                        [&cost](size_t a, size_t b) { return cost(a) < cost(b); }));
}

}  // namespace

std::optional<double> TrialResult::Throughput() const {
  const Outcome outcome = measurement.outcome;
  if (outcome != Outcome::kOk && outcome != Outcome::kIncorrect && outcome != Outcome::kDisordered)
    return std::nullopt;
  if (measurement.window.LengthNs() <= 0) return std::nullopt;
  return measurement.items_in_window / NsToSeconds(measurement.window.LengthNs());
}

std::optional<double> ComputeTimeUs(const SweepResult& sweep, int cell_index) {
  std::vector<double> compute;
  ForEachSample(MeasurementsOf(MeasuredTrialsOf(sweep, cell_index)),
                [&compute](const ChunkSample& sample) {
                  compute.push_back(ToUs(sample.computed_ns - sample.started_ns));
                });
  return Median(compute);
}

CellResult SummarizeCell(const SweepResult& sweep, int cell_index) {
  return Summarize(sweep, LogRatios(sweep), cell_index);
}

std::vector<CellResult> SummarizeCells(const SweepResult& sweep) {
  const auto log_ratios = LogRatios(sweep);
  std::vector<CellResult> cells;
  cells.reserve(sweep.plan.cells.size());
  for (size_t i = 0; i < sweep.plan.cells.size(); ++i)
    cells.push_back(Summarize(sweep, log_ratios, static_cast<int>(i)));
  return cells;
}

SteadyState SteadinessOf(const std::vector<TrialResult>& trials) {
  std::vector<double> drifts;
  for (const TrialResult& trial : trials) {
    if (trial.trial.role != TrialRole::kProbe && trial.measurement.window_drift)
      drifts.push_back(*trial.measurement.window_drift);
  }
  return JudgeSteadiness(drifts);
}

int64_t ExpectedTrials(const SweepResult& sweep) {
  return sweep.search ? sweep.search->expected : static_cast<int64_t>(sweep.plan.trials.size());
}

int BestCell(const SweepResult& sweep, const std::vector<CellResult>& cells) {
  if (sweep.search) {
    const auto& choice = sweep.search->result.choice;
    return choice ? sweep.search->cells[static_cast<size_t>(*choice)] : -1;
  }
  const int good =
      BestOf(sweep, cells, [](const CellResult& cell) { return cell.verdict == "ok"; });
  const int other = BestOf(sweep, cells, [](const CellResult& cell) {
    return cell.verdict == "throttled" || cell.verdict == "stolen" || cell.verdict == "migrated";
  });
  if (good < 0 || other < 0) return std::max(good, other);
  const Spread& usual = *cells[static_cast<size_t>(good)].throughput_per_s;
  const Spread& tempting = *cells[static_cast<size_t>(other)].throughput_per_s;
  // In every repetition, too: noise alone must not recommend what has a price.
  const bool worth = tempting.median > usual.median * kWorthATrouble && tempting.low > usual.high;
  return worth ? other : good;
}

}  // namespace coresweep
