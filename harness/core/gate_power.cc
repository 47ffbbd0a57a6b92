#include "harness/core/gate_power.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <optional>
#include <vector>

#include "harness/core/counter_random.h"
#include "harness/core/sign_test.h"
#include "harness/core/statistics.h"

namespace coresweep {
namespace {

constexpr uint64_t kReplays = 1000;
constexpr double kPower = 0.9;
/// Further blocks beyond this many are "too many", whatever the number.
constexpr int64_t kMostFurther = 1000;
constexpr double kNever = std::numeric_limits<double>::infinity();

/// Differences less their median.
std::vector<double> Centred(std::vector<double> differences) {
  if (differences.empty()) return differences;
  const double median = *Median(differences);
  for (double& difference : differences)
    difference -= median;
  return differences;
}

/// A block by the mean and by the better launches: of these, where they are not asked, nothing.
struct DrawnBlock {
  double difference = 0;
  double best = 0;
};

/// What an endless run of blocks without effect looks like, by this run's own differences.
class Noise {
 public:
  Noise(const MetricSeries& centred, uint64_t seed, uint64_t replay)
      : centred_(centred), words_(seed, replay) {}
  /// Block `index`: one of the run's, either way round by a coin.
  [[nodiscard]] DrawnBlock At(int64_t index) const {
    const uint64_t word = words_.Word(static_cast<uint64_t>(index));
    const size_t drawn = (word >> 1U) % centred_.differences.size();
    const double sign = (word & 1U) != 0 ? 1 : -1;
    return {sign * centred_.differences[drawn],
            centred_.best.empty() ? 0 : sign * centred_.best[drawn]};
  }

 private:
  const MetricSeries& centred_;
  CounterRandom words_;
};

/// The evidence asked for, and what of it is sure by the counts of one series.
struct Evidence {
  Evidence(const GateRule& rule, int64_t gated_metrics, int64_t most_bets)
      : asked(static_cast<double>(gated_metrics) / rule.alpha),
        regressed(most_bets, asked),
        regressed_alone(most_bets, 2 * asked),
        clean(most_bets, 1 / rule.alpha) {}
  /// Whether two series give the evidence of a regression. Their mean can only where one alone
  /// does, and surely does where one alone gives twice as much.
  [[nodiscard]] bool Regressed(const SignCounts& a, const SignCounts& b) const {
    const auto reaches = [](const LeastAboveTable& table, const SignCounts& counts) {
      return counts.above >= table.At(counts.above + counts.below);
    };
    if (!reaches(regressed, a) && !reaches(regressed, b)) return false;
    return reaches(regressed_alone, a) || reaches(regressed_alone, b) ||
           JointSignEValue(a, b) >= asked;
  }
  double asked;
  LeastAboveTable regressed;
  LeastAboveTable regressed_alone;
  LeastAboveTable clean;
};

/// What is replayed.
struct Run {
  const MetricSeries& centred;
  const GateRule& rule;
  const Evidence& evidence;
  uint64_t seed;
};

void Insert(std::vector<double>& sorted, double value) {
  sorted.insert(std::upper_bound(sorted.begin(), sorted.end(), value), value);
}

/// `FailingAbove` of two series.
double JointFailingAbove(const std::vector<double>& sorted, const std::vector<double>& best,
                         const Evidence& evidence) {
  const auto counts = [](const std::vector<double>& values, double value) {
    const auto below = std::lower_bound(values.begin(), values.end(), value) - values.begin();
    return SignCounts{std::ssize(values) - below, below};
  };
  const auto fails = [&](double value) {
    return evidence.Regressed(counts(sorted, value), counts(best, value));
  };
  double low = -kNever;
  for (const auto* values : {&sorted, &best}) {
    const auto end = std::partition_point(values->begin(), values->end(), fails);
    if (end != values->begin()) low = std::max(low, *(end - 1));
  }
  // The ratio must be above the margin too.
  return std::max(-low, -*Median(sorted));
}

/// The effect (log ratio) above which the blocks so far have evidence of a regression, for a
/// tolerated margin of 0; infinite: none.
double FailingAbove(const std::vector<double>& sorted, const std::vector<double>& best,
                    const Evidence& evidence) {
  if (!best.empty()) return JointFailingAbove(sorted, best, evidence);
  const int64_t to_fail = evidence.regressed.At(std::ssize(sorted));
  if (to_fail > std::ssize(sorted)) return kNever;
  return -sorted[sorted.size() - static_cast<size_t>(to_fail)];
}

/// The effect (log ratio) above which the replay FAILs. At a look with the differences sorted, it
/// fails with every effect above log(1+m) less the lower end of their interval, and has passed
/// before with every effect below log(1+M) less an earlier upper end: so each look has a least
/// effect, and the replay the least of them.
double LeastFailing(const Run& run, uint64_t replay) {
  const GateRule& rule = run.rule;
  const Noise noise(run.centred, run.seed, replay);
  std::vector<double> sorted;
  std::vector<double> best;
  double least = kNever;
  double passed_below = -kNever;
  for (int64_t blocks = 1; blocks <= rule.most_blocks; ++blocks) {
    const DrawnBlock block = noise.At(blocks - 1);
    Insert(sorted, block.difference);
    if (!run.centred.best.empty()) Insert(best, block.best);
    if (!IsLook(rule, blocks)) continue;
    const double fails_above =
        std::log(1 + rule.tolerated) + FailingAbove(sorted, best, run.evidence);
    least = std::min(least, std::max(fails_above, passed_below));
    const int64_t to_pass = run.evidence.clean.At(blocks);
    if (to_pass <= blocks) {
      const double passes_below =
          std::log(1 + rule.must_catch) - sorted[static_cast<size_t>(to_pass - 1)];
      passed_below = std::max(passed_below, passes_below);
    }
  }
  return least;
}

void EstimateDetectable(GatePower& power, const Run& run) {
  std::vector<double> least;
  for (uint64_t replay = 0; replay < kReplays; ++replay) {
    least.push_back(LeastFailing(run, replay));
  }
  std::sort(least.begin(), least.end());
  const double effect = NearestRank(least, kPower);
  if (effect == kNever) {
    power.no_detectable =
        fmt::format("{} blocks are too few to fail on any effect", run.rule.most_blocks);
    return;
  }
  power.detectable = std::max(std::expm1(effect), run.rule.tolerated);
}

/// Blocks above and below both margins.
class Counts {
 public:
  Counts(const MetricJudgement& now, const GateRule& rule)
      : tolerated_margin_(std::log(1 + rule.tolerated)),
        must_catch_margin_(std::log(1 + rule.must_catch)),
        tolerated_{now.above_tolerated, now.below_tolerated},
        best_(now.best_tolerated),
        clean_{now.below_must_catch, now.above_must_catch} {}

  void Add(const DrawnBlock& block) {
    Count(tolerated_, block.difference - tolerated_margin_);
    if (best_) Count(*best_, block.best - tolerated_margin_);
    Count(clean_, must_catch_margin_ - block.difference);
  }
  /// By the counts alone, not by the ratio: that it is above the margin they nearly always show.
  [[nodiscard]] bool Decided(const Evidence& evidence) const {
    const bool regressed =
        best_ ? evidence.Regressed(tolerated_, *best_)
              : tolerated_.above >= evidence.regressed.At(tolerated_.above + tolerated_.below);
    return regressed || clean_.above >= evidence.clean.At(clean_.above + clean_.below);
  }

 private:
  static void Count(SignCounts& counts, double over) {
    counts.above += over > kTieWidth ? 1 : 0;
    counts.below += over < -kTieWidth ? 1 : 0;
  }

  double tolerated_margin_;
  double must_catch_margin_;
  SignCounts tolerated_;
  std::optional<SignCounts> best_;
  SignCounts clean_;
};

/// The look, counted as if most_blocks were no end.
bool IsLookBeyond(const GateRule& rule, int64_t blocks) {
  return blocks >= rule.first_look && (blocks - rule.first_look) % rule.look_every == 0;
}

int64_t FurtherBlocks(const Noise& noise, const MetricJudgement& now, const Run& run) {
  Counts counts(now, run.rule);
  for (int64_t further = 1; further <= kMostFurther; ++further) {
    counts.Add(noise.At(further - 1));
    if (IsLookBeyond(run.rule, now.blocks + further) && counts.Decided(run.evidence))
      return further;
  }
  return kMostFurther + 1;
}

void EstimateBlocksNeeded(GatePower& power, const Run& run, const MetricJudgement& now) {
  std::vector<double> further;
  for (uint64_t replay = 0; replay < kReplays; ++replay) {
    // Streams of their own: the same noise as above would tie the two figures.
    const Noise noise(run.centred, run.seed, kReplays + replay);
    further.push_back(static_cast<double>(FurtherBlocks(noise, now, run)));
  }
  std::sort(further.begin(), further.end());
  const auto needed = static_cast<int64_t>(NearestRank(further, 0.5));
  if (needed > kMostFurther) {
    power.no_blocks_needed = fmt::format("more than {} blocks", kMostFurther);
  } else {
    power.blocks_needed = needed;
  }
}

}  // namespace

GatePower EstimatePower(const MetricSeries& series, const GateRule& rule, int64_t gated_metrics,
                        uint64_t seed) {
  GatePower power;
  const MetricJudgement now = JudgeMetric(series, rule, gated_metrics);
  const auto measured = static_cast<int64_t>(series.differences.size());
  if (measured < rule.first_look) {
    power.no_detectable = fmt::format(
        "only {} blocks were measured, {} are needed to know the noise", measured, rule.first_look);
    power.no_blocks_needed = power.no_detectable;
    return power;
  }
  const Evidence evidence(rule, gated_metrics,
                          std::max(rule.most_blocks, now.blocks + kMostFurther));
  const MetricSeries centred{Centred(series.differences), 0, Centred(series.best)};
  const Run run{centred, rule, evidence, seed};
  EstimateDetectable(power, run);
  if (now.state == MetricState::kOpen) {
    EstimateBlocksNeeded(power, run, now);
  } else {
    power.blocks_needed = 0;
  }
  return power;
}

}  // namespace coresweep
