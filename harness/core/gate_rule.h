// What the gate asks of one metric: two margins, an error rate, when to look; and what a number of
// blocks says by that rule. Pure; the state of a whole gate is in gate_session.h.
//
// A block is four launches, two of each arm, and gives one difference per metric. A difference
// above 0 ALWAYS means that B (the candidate) is worse: for times, memory and the like mean log B −
// mean log A; for throughput mean log A − mean log B (`BlockValue` in gate_session.h: or of the
// better ones). A ratio is the exponential of a difference: 1.05 = "B takes 5 % more" or "A gives
// 5 % more".
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "harness/core/sign_test.h"

namespace coresweep {

/// The rule; equal for every gated metric.
struct GateRule {
  double tolerated = 0.02;    ///< m: a ratio up to 1 + m is nobody's business
  double must_catch = 0.05;   ///< M: a PASS proves that the ratio is below 1 + M
  double alpha = 0.01;        ///< chance of a false FAIL of the gate; of a false PASS, likewise
  int64_t first_look = 6;     ///< blocks before the first judgement
  int64_t look_every = 2;     ///< blocks between judgements
  int64_t most_blocks = 120;  ///< blocks of one batch; a judgement is also made here
};

/// @throws UsageError naming the first field that makes no sense: margins not 0 < m < M ≤ 1 (m = 0
/// is allowed), alpha not in [1e-9, 0.2], looks or blocks below 1, most_blocks below first_look,
/// above 1000, or so few that no verdict could be reached with `gated_metrics` metrics.
void CheckGateRule(const GateRule& rule, int64_t gated_metrics);

/// Whether a batch of `blocks` blocks is judged: first_look, then every look_every, and
/// most_blocks.
bool IsLook(const GateRule& rule, int64_t blocks);

/// Where a metric stands.
enum class MetricState {
  kOpen,       ///< neither is proven
  kRegressed,  ///< proven: the ratio is above 1 + tolerated. Wins when the other is proven too
  kClean,      ///< proven: the ratio is below 1 + must_catch
};

/// "open", "regressed" or "clean".
std::string_view NameOf(MetricState state);

/// A metric's blocks in one phase.
struct MetricSeries {
  std::vector<double> differences;  ///< in the order run
  int64_t unmeasured = 0;           ///< further blocks, where a launch had no value
  /// Of the better launches of the same blocks, where these testify to a regression too; else none.
  std::vector<double> best = {};
};

/// A metric's blocks by the rule. Counts, ratio and `high` are those of `differences`.
struct MetricJudgement {
  int64_t blocks = 0;           ///< judged, the unmeasured among them
  int64_t unmeasured = 0;       ///< blocks without a value: they bet against either proof
  std::optional<double> ratio;  ///< exp(median difference); nullopt without any difference
  std::optional<double> low;    ///< ends of the anytime-valid interval of the ratio, level
  std::optional<double> high;   ///< 1 − 2·alpha (not divided by K); nullopt: unbounded. `low` by
                                ///< both series where there are two, but not above `ratio`
  int64_t above_tolerated = 0;  ///< blocks above and below log(1 + tolerated), without
  int64_t below_tolerated = 0;  ///< ties; unmeasured ones are below
  std::optional<SignCounts> best_tolerated;  ///< the same two of `MetricSeries::best`
  int64_t above_must_catch = 0;  ///< blocks above and below log(1 + must_catch), without
  int64_t below_must_catch = 0;  ///< ties; unmeasured ones are above
  /// Evidence against "ratio ≤ 1 + tolerated", of two series the mean of theirs; regressed at
  /// K/alpha, and of two series only with a `ratio` above the margin.
  double e_regressed = 1;
  double e_clean = 1;  ///< evidence against "ratio ≥ 1 + must_catch"; clean at 1/alpha
  MetricState state = MetricState::kOpen;
  bool grey_zone = false;  ///< the median ratio lies between the margins: either verdict is right
};

/// A difference closer to a margin than this is a tie and bets nothing, so that rounding in a
/// logarithm never decides (units of log ratio).
inline constexpr double kTieWidth = 1e-12;

/// Judges one metric by all of its blocks (log ratios, above 0 = B worse, in any order).
/// `gated_metrics` is K, the number of metrics gated in this run: a regression must reach K/alpha
/// (union bound: the whole gate falsely fails with probability at most alpha), cleanness 1/alpha
/// (a PASS needs all K). Does not ask whether this is a look: `IsLook` does.
/// @throws Error when a difference is not finite, K is below 1, or `best` has another length.
MetricJudgement JudgeMetric(const MetricSeries& series, const GateRule& rule,
                            int64_t gated_metrics);

}  // namespace coresweep
