#include "harness/core/gate_rule.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <span>
#include <string>

#include "harness/base/error.h"
#include "harness/core/sign_test.h"
#include "harness/core/statistics.h"

namespace coresweep {
namespace {

constexpr double kLeastAlpha = 1e-9;
constexpr double kMostAlpha = 0.2;
constexpr int64_t kMostBlocks = 1000;

/// Written so that NaN is refused.
void Require(bool good, const std::string& problem) {
  if (!good) throw UsageError("gate: " + problem);
}

void CheckBlocks(const GateRule& rule) {
  Require(rule.first_look >= 1,
          fmt::format("first_look is {}, must be at least 1 block", rule.first_look));
  Require(rule.look_every >= 1,
          fmt::format("look_every is {}, must be at least 1 block", rule.look_every));
  Require(rule.most_blocks >= rule.first_look && rule.most_blocks <= kMostBlocks,
          fmt::format("most_blocks is {}, must be from first_look ({}) to {}", rule.most_blocks,
                      rule.first_look, kMostBlocks));
}

/// Fewest blocks that can reach `evidence`, all on one side.
int64_t FewestBlocks(double evidence) {
  int64_t blocks = 1;
  while (SignEValue(blocks, 0) < evidence)
    ++blocks;
  return blocks;
}

SignCounts CountSides(std::span<const double> differences, double margin) {
  SignCounts counts;
  for (const double difference : differences) {
    if (difference > margin + kTieWidth) ++counts.above;
    if (difference < margin - kTieWidth) ++counts.below;
  }
  return counts;
}

void CheckInput(const MetricSeries& series, int64_t gated_metrics) {
  if (gated_metrics < 1 || series.unmeasured < 0) {
    throw Error(fmt::format("gate: {} gated metrics and {} unmeasured blocks, at least 1 and 0",
                            gated_metrics, series.unmeasured));
  }
  if (!series.best.empty() && series.best.size() != series.differences.size()) {
    throw Error(fmt::format("gate: {} blocks, but better launches of {}", series.differences.size(),
                            series.best.size()));
  }
  for (const auto* differences : {&series.differences, &series.best}) {
    for (const double difference : *differences) {
      if (!std::isfinite(difference)) {
        throw Error(fmt::format("gate: a block's difference is {}, must be finite", difference));
      }
    }
  }
}

std::vector<double> Sorted(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values;
}

/// The lower end, a difference.
std::optional<double> LowOf(const MetricSeries& series, const MedianInterval& interval,
                            double alpha) {
  if (series.best.empty()) return interval.low;
  const auto low =
      JointSignLow(Sorted(series.differences), Sorted(series.best), 1 / alpha, series.unmeasured);
  return low ? std::optional(std::min(*low, *Median(series.differences))) : std::nullopt;
}

std::optional<double> RatioOf(std::optional<double> difference) {
  return difference ? std::optional(std::exp(*difference)) : std::nullopt;
}

MetricState StateOf(const MetricJudgement& judgement, const MetricSeries& series,
                    const GateRule& rule, int64_t gated_metrics) {
  const bool shown = judgement.e_regressed >= static_cast<double>(gated_metrics) / rule.alpha;
  // The better launches testify, the ratio that is printed must agree.
  if (shown && (series.best.empty() || *judgement.ratio > 1 + rule.tolerated))
    return MetricState::kRegressed;
  return judgement.e_clean >= 1 / rule.alpha ? MetricState::kClean : MetricState::kOpen;
}

}  // namespace

void CheckGateRule(const GateRule& rule, int64_t gated_metrics) {
  Require(rule.must_catch <= 1,
          fmt::format("must_catch is {}, must be at most 1 (100 %)", rule.must_catch));
  Require(rule.tolerated >= 0 && rule.tolerated < rule.must_catch,
          fmt::format("tolerated is {}, must be at least 0 and below must_catch ({}), as 0.02 for "
                      "2 %",
                      rule.tolerated, rule.must_catch));
  Require(rule.alpha >= kLeastAlpha && rule.alpha <= kMostAlpha,
          fmt::format("alpha is {}, must be from {} to {}", rule.alpha, kLeastAlpha, kMostAlpha));
  CheckBlocks(rule);
  const int64_t metrics = std::max<int64_t>(gated_metrics, 1);
  const int64_t fewest = FewestBlocks(static_cast<double>(metrics) / rule.alpha);
  Require(
      rule.most_blocks >= fewest,
      fmt::format("most_blocks is {}, but with alpha {} and {} gated metric{} no regression can "
                  "be proven by fewer than {} blocks",
                  rule.most_blocks, rule.alpha, metrics, metrics == 1 ? "" : "s", fewest));
}

bool IsLook(const GateRule& rule, int64_t blocks) {
  if (blocks < rule.first_look) return false;
  return blocks == rule.most_blocks || (blocks - rule.first_look) % rule.look_every == 0;
}

MetricJudgement JudgeMetric(const MetricSeries& series, const GateRule& rule,
                            int64_t gated_metrics) {
  CheckInput(series, gated_metrics);
  MetricJudgement judgement;
  judgement.blocks = std::ssize(series.differences) + series.unmeasured;
  judgement.unmeasured = series.unmeasured;
  judgement.ratio = RatioOf(Median(series.differences));
  const MedianInterval interval = SignInterval(series.differences, rule.alpha, series.unmeasured);
  judgement.low = RatioOf(LowOf(series, interval, rule.alpha));
  judgement.high = RatioOf(interval.high);

  SignCounts tolerated = CountSides(series.differences, std::log(1 + rule.tolerated));
  tolerated.below += series.unmeasured;
  judgement.above_tolerated = tolerated.above;
  judgement.below_tolerated = tolerated.below;
  judgement.e_regressed = SignEValue(tolerated.above, tolerated.below);
  if (!series.best.empty()) {
    SignCounts best = CountSides(series.best, std::log(1 + rule.tolerated));
    best.below += series.unmeasured;
    judgement.best_tolerated = best;
    judgement.e_regressed = JointSignEValue(tolerated, best);
  }
  const SignCounts must_catch = CountSides(series.differences, std::log(1 + rule.must_catch));
  judgement.above_must_catch = must_catch.above + series.unmeasured;
  judgement.below_must_catch = must_catch.below;
  judgement.e_clean = SignEValue(judgement.below_must_catch, judgement.above_must_catch);

  judgement.state = StateOf(judgement, series, rule, gated_metrics);
  judgement.grey_zone = judgement.ratio && *judgement.ratio > 1 + rule.tolerated &&
                        *judgement.ratio < 1 + rule.must_catch;
  return judgement;
}

std::string_view NameOf(MetricState state) {
  switch (state) {
    case MetricState::kOpen:
      return "open";
    case MetricState::kRegressed:
      return "regressed";
    case MetricState::kClean:
      return "clean";
  }
  return "";
}

}  // namespace coresweep
