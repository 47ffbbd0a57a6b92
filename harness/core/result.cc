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

/// Cells whose throughput is this close to the best are as good: less than what a second sweep of
/// the same cells differs by.
constexpr double kWorthATrouble = 1.1;
constexpr double kAsGood = 0.02;

double ToUs(int64_t ns) {
  return static_cast<double>(ns) / static_cast<double>(kNsPerUs);
}

std::optional<double> ThroughputOf(const SweepResult& sweep, int index, int repetition) {
  for (const TrialResult& trial : sweep.trials) {
    if (trial.trial.cell_index != index || trial.trial.repetition != repetition) continue;
    if (const auto throughput = trial.Throughput()) return throughput;
  }
  return std::nullopt;
}

/// Throughput of each repetition over `divisor` times that of the control in the same repetition,
/// so that what slows a whole repetition down cancels out.
std::optional<Spread> RatioToControl(const SweepResult& sweep,
                                     const std::vector<const TrialResult*>& measured, int control,
                                     double divisor) {
  if (control < 0) return std::nullopt;
  std::vector<double> ratios;
  for (const TrialResult* trial : measured) {
    const auto base = ThroughputOf(sweep, control, trial->trial.repetition);
    if (base && *base > 0) ratios.push_back(*trial->Throughput() / (*base * divisor));
  }
  return SpreadOf(ratios);
}

/// Samples that count: those whose computation touches the window, as for the throughput.
template <typename Visit>
void ForEachSample(const std::vector<const TrialResult*>& measured, Visit visit) {
  for (const TrialResult* trial : measured) {
    for (const ChunkSample& sample : trial->measurement.samples) {
      if (FractionInWindow(trial->measurement.window, sample.started_ns, sample.computed_ns) > 0)
        visit(sample);
    }
  }
}

std::string WhyNull(int64_t samples) {
  if (samples == 0) return "no chunk was sampled in the window: use a longer window";
  std::string missing;
  static constexpr std::array<std::pair<std::string_view, double>, 3> kShown{
      {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}}};
  for (const auto& [name, q] : kShown) {
    if (samples >= LeastSamplesFor(q)) continue;
    missing +=
        fmt::format("{}{} needs {} samples", missing.empty() ? "" : ", ", name, LeastSamplesFor(q));
  }
  if (missing.empty()) return "";
  return fmt::format("{}, there are {}: use a longer window or more repetitions", missing, samples);
}

LatencySummary SummarizeLatency(const std::vector<const TrialResult*>& measured) {
  std::vector<double> latencies;
  ForEachSample(measured, [&latencies](const ChunkSample& sample) {
    latencies.push_back(ToUs(sample.merged_ns - sample.issued_ns));
  });
  std::sort(latencies.begin(), latencies.end());
  LatencySummary summary;
  summary.samples = static_cast<int64_t>(latencies.size());
  summary.p50_us = Percentile(latencies, 0.5);
  summary.p90_us = Percentile(latencies, 0.9);
  summary.p99_us = Percentile(latencies, 0.99);
  if (!latencies.empty()) summary.max_us = latencies.back();
  summary.why_null = WhyNull(summary.samples);
  return summary;
}

ChunkTimes SummarizeChunkTimes(const std::vector<const TrialResult*>& measured, Mode mode) {
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

void SummarizeThroughput(const SweepResult& sweep, const std::vector<const TrialResult*>& measured,
                         CellResult& result) {
  std::vector<double> throughputs;
  throughputs.reserve(measured.size());
  for (const TrialResult* trial : measured)
    throughputs.push_back(*trial->Throughput());
  result.throughput_per_s = SpreadOf(throughputs);

  const Cell& cell = sweep.plan.cells[static_cast<size_t>(result.cell_index)].cell;
  const int serial = ControlIndex(sweep.plan, result.cell_index, Mode::kSerial);
  result.speedup = RatioToControl(sweep, measured, serial, 1);
  // The control has as many threads as each worker: `workers` times its processors are in use.
  result.parallel_efficiency = RatioToControl(sweep, measured, serial, cell.workers);
  if (cell.mode == Mode::kProcesses) {
    const int independent = ControlIndex(sweep.plan, result.cell_index, Mode::kIndependent);
    result.dispatch_efficiency = RatioToControl(sweep, measured, independent, 1);
  }
}

void SummarizeCosts(const SweepResult& sweep, const std::vector<const TrialResult*>& measured,
                    CellResult& result) {
  std::vector<const TrialMeasurement*> trials;
  trials.reserve(measured.size());
  for (const TrialResult* trial : measured) {
    trials.push_back(&trial->measurement);
    result.chunks += trial->measurement.chunks;
  }
  result.worker_cost = WorkerChunkCost(trials);
  const Cell& cell = sweep.plan.cells[static_cast<size_t>(result.cell_index)].cell;
  if (cell.mode == Mode::kProcesses) result.dispatcher_cost = DispatcherChunkCost(trials);
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
    if (cell_of(cells[i]).mode == Mode::kIndependent) continue;
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

CellResult SummarizeCell(const SweepResult& sweep, int cell_index) {
  const auto measured = MeasuredTrialsOf(sweep, cell_index);
  CellResult result;
  result.cell_index = cell_index;
  result.repetitions = static_cast<int>(measured.size());
  SummarizeThroughput(sweep, measured, result);
  result.latency = SummarizeLatency(measured);
  result.chunk_times =
      SummarizeChunkTimes(measured, sweep.plan.cells[static_cast<size_t>(cell_index)].cell.mode);
  SummarizeCosts(sweep, measured, result);
  for (const TrialResult* trial : measured) {
    AddOrdering(trial->measurement.ordering, result.ordering);
    AddOutput(trial->measurement.output, result.output);
  }
  const Judgement judgement = JudgeCell(sweep, cell_index);
  result.verdict = judgement.verdict;
  result.reason = judgement.reason;
  result.warnings = CellWarnings(sweep, result);
  return result;
}

std::vector<CellResult> SummarizeCells(const SweepResult& sweep) {
  std::vector<CellResult> cells;
  cells.reserve(sweep.plan.cells.size());
  for (size_t i = 0; i < sweep.plan.cells.size(); ++i)
    cells.push_back(SummarizeCell(sweep, static_cast<int>(i)));
  return cells;
}

int BestCell(const SweepResult& sweep, const std::vector<CellResult>& cells) {
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
