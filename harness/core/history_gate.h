// A new run against stored ones: the gate where the base can no longer be launched. Pure.
//
// Runs of one program differ from day to day by more than launches within a run do, so only runs
// count: each gives one value of a metric. Whether a new value fits those of n stored runs is asked
// of the prediction interval for one future observation, mean ± t(n−1; 1−a/2) · s · √(1 + 1/n) over
// the logarithms (Hahn and Meeker, Statistical Intervals, 1991, chapter 4), which takes the runs
// for independent and their logarithms for normally distributed. a = alpha / comparisons (union
// bound). Below `least_runs` stored runs nothing is decided: the numbers are advice.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/core/gate_session.h"
#include "harness/core/stored_run.h"

namespace coresweep {

struct HistorySetup {
  double tolerated = 0.02;          ///< as `GateRule`
  double must_catch = 0.05;         ///< as `GateRule`
  double alpha = 0.01;              ///< chance of a false FAIL of the whole gate
  int64_t least_runs = 10;          ///< stored runs below which nothing is decided
  std::vector<GateMetric> metrics;  ///< gated ones; names of `StoredMetrics`
  std::vector<std::string> cells;   ///< only cells whose id contains one of these; empty: all
};

/// Throws `UsageError` naming the number that makes no sense.
void CheckHistorySetup(const HistorySetup& setup);

/// One metric of one cell.
struct HistoryComparison {
  std::string cell;
  size_t metric = 0;            ///< index into `HistorySetup::metrics`
  std::vector<double> history;  ///< one value a stored run that has one
  std::optional<double> value;  ///< of the new run
  std::string why_no_value;     ///< of the new run or of a stored one, with its name
  /// Of each value of `history` its run, an index into the stored runs; empty: not known.
  std::vector<size_t> runs = {};
  bool operator==(const HistoryComparison&) const = default;
};

/// All that a verdict follows from.
struct HistoryLog {
  HistorySetup setup;
  int64_t runs = 0;  ///< stored ones
  /// Why there is nothing to compare, with the verdict that this is; "" otherwise.
  GateVerdict refused_as = GateVerdict::kUnfit;
  std::string refused;
  std::vector<HistoryComparison> comparisons;
};

/// The log of `candidate` against `baseline`. Refused: INTEGRITY for answers of the candidate that
/// were wrong, missing, repeated or out of place; WORKLOAD for cells that failed or timed out;
/// UNFIT for runs that differ in machine, workload, build, way of measuring or cells, and for
/// stored runs that are not finished and right. Throws `UsageError` where two runs are the same
/// file, or no cell is chosen.
HistoryLog CompareRuns(const StoredRun& candidate, const std::vector<StoredRun>& baseline,
                       const HistorySetup& setup);

/// Why `CompareRuns` would not take `stored` for a base of `candidate`; "" where it would.
std::string WhyNotBaseline(const StoredRun& candidate, const StoredRun& stored,
                           const HistorySetup& setup);

/// Of one comparison; ratios above 1 are worse, as in `MetricJudgement`.
struct HistoryJudgement {
  std::optional<double> ratio;      ///< to the geometric mean of the stored runs
  std::optional<double> low, high;  ///< by the prediction interval; nullopt below two stored runs
  MetricState state = MetricState::kOpen;
  std::string why_open;  ///< why nothing is proven; "" when something is
};

/// `comparisons` = how many there are in all. Regressed: the whole interval lies above 1 +
/// tolerated. Clean: below 1 + must_catch.
HistoryJudgement JudgeComparison(const HistoryComparison& comparison, const HistorySetup& setup,
                                 size_t comparisons);

/// What the stored runs let one expect of one more, in the unit of the metric.
struct HistoryExpectation {
  double center = 0;         ///< geometric mean of the stored runs
  double low = 0, high = 0;  ///< prediction interval for one more run
  double value_low = 0;      ///< what the judgement's interval makes of the new value:
  double value_high = 0;     ///< `center` times, or over, its ratios
  double tolerated = 0;      ///< the value that is worse by what is tolerated
  double must_catch = 0;     ///< by what must be caught
};

/// Follows from `judgement` of `comparison`, of a metric for which more is better or not; nullopt
/// where the judgement has no interval.
std::optional<HistoryExpectation> ExpectationOf(const HistoryComparison& comparison,
                                                const HistoryJudgement& judgement,
                                                const HistorySetup& setup);

struct HistoryOutcome {
  GateVerdict verdict = GateVerdict::kInconclusive;
  bool advisory = false;                     ///< too few stored runs for any verdict
  std::string sentence;                      ///< one line: verdict, number, interval, runs
  std::vector<HistoryJudgement> judgements;  ///< one a comparison
};

/// The verdict: follows from the log alone.
HistoryOutcome JudgeHistory(const HistoryLog& log);

}  // namespace coresweep
