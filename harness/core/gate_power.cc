#include "harness/core/gate_power.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
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

/// What an endless run of blocks without effect looks like, by this run's own differences.
class Noise {
 public:
  Noise(std::span<const double> differences, uint64_t seed, uint64_t replay)
      : centred_(differences.begin(), differences.end()), words_(seed, replay) {
    const double median = *Median(differences);
    for (double& difference : centred_)
      difference -= median;
  }
  /// Difference of block `index`: one of the run's, either way round by a coin.
  [[nodiscard]] double At(int64_t index) const {
    const uint64_t word = words_.Word(static_cast<uint64_t>(index));
    const double drawn = centred_[(word >> 1U) % centred_.size()];
    return (word & 1U) != 0 ? drawn : -drawn;
  }

 private:
  std::vector<double> centred_;
  CounterRandom words_;
};

/// The evidence asked for, as counts.
struct Evidence {
  Evidence(const GateRule& rule, int64_t gated_metrics, int64_t most_bets)
      : regressed(most_bets, static_cast<double>(gated_metrics) / rule.alpha),
        clean(most_bets, 1 / rule.alpha) {}
  LeastAboveTable regressed;
  LeastAboveTable clean;
};

/// What is replayed.
struct Run {
  std::span<const double> differences;
  const GateRule& rule;
  const Evidence& evidence;
  uint64_t seed;
};

/// The effect (log ratio) above which the replay FAILs. At a look with the differences sorted, it
/// fails with every effect above log(1+m) less the lower end of their interval, and has passed
/// before with every effect below log(1+M) less an earlier upper end: so each look has a least
/// effect, and the replay the least of them.
double LeastFailing(const Noise& noise, const GateRule& rule, const Evidence& evidence) {
  std::vector<double> sorted;
  double least = kNever;
  double passed_below = -kNever;
  for (int64_t blocks = 1; blocks <= rule.most_blocks; ++blocks) {
    const double difference = noise.At(blocks - 1);
    sorted.insert(std::upper_bound(sorted.begin(), sorted.end(), difference), difference);
    if (!IsLook(rule, blocks)) continue;
    const int64_t to_fail = evidence.regressed.At(blocks);
    const int64_t to_pass = evidence.clean.At(blocks);
    if (to_fail <= blocks) {
      const double fails_above =
          std::log(1 + rule.tolerated) - sorted[static_cast<size_t>(blocks - to_fail)];
      least = std::min(least, std::max(fails_above, passed_below));
    }
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
    least.push_back(LeastFailing(Noise(run.differences, run.seed, replay), run.rule, run.evidence));
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
struct Counts {
  int64_t above_tolerated = 0;
  int64_t below_tolerated = 0;
  int64_t above_must_catch = 0;
  int64_t below_must_catch = 0;

  void Add(double difference, double tolerated, double must_catch) {
    above_tolerated += difference > tolerated + kTieWidth ? 1 : 0;
    below_tolerated += difference < tolerated - kTieWidth ? 1 : 0;
    above_must_catch += difference > must_catch + kTieWidth ? 1 : 0;
    below_must_catch += difference < must_catch - kTieWidth ? 1 : 0;
  }
  [[nodiscard]] bool Decided(const Evidence& evidence) const {
    return above_tolerated >= evidence.regressed.At(above_tolerated + below_tolerated) ||
           below_must_catch >= evidence.clean.At(above_must_catch + below_must_catch);
  }
};

/// The look, counted as if most_blocks were no end.
bool IsLookBeyond(const GateRule& rule, int64_t blocks) {
  return blocks >= rule.first_look && (blocks - rule.first_look) % rule.look_every == 0;
}

int64_t FurtherBlocks(const Noise& noise, const MetricJudgement& now, const GateRule& rule,
                      const Evidence& evidence) {
  const double tolerated = std::log(1 + rule.tolerated);
  const double must_catch = std::log(1 + rule.must_catch);
  Counts counts{now.above_tolerated, now.below_tolerated, now.above_must_catch,
                now.below_must_catch};
  for (int64_t further = 1; further <= kMostFurther; ++further) {
    counts.Add(noise.At(further - 1), tolerated, must_catch);
    if (IsLookBeyond(rule, now.blocks + further) && counts.Decided(evidence)) return further;
  }
  return kMostFurther + 1;
}

void EstimateBlocksNeeded(GatePower& power, const Run& run, const MetricJudgement& now) {
  std::vector<double> further;
  for (uint64_t replay = 0; replay < kReplays; ++replay) {
    // Streams of their own: the same noise as above would tie the two figures.
    const Noise noise(run.differences, run.seed, kReplays + replay);
    further.push_back(static_cast<double>(FurtherBlocks(noise, now, run.rule, run.evidence)));
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
  const MetricJudgement now =
      JudgeMetric(series.differences, rule, gated_metrics, series.unmeasured);
  const auto measured = static_cast<int64_t>(series.differences.size());
  if (measured < rule.first_look) {
    power.no_detectable = fmt::format(
        "only {} blocks were measured, {} are needed to know the noise", measured, rule.first_look);
    power.no_blocks_needed = power.no_detectable;
    return power;
  }
  const Evidence evidence(rule, gated_metrics,
                          std::max(rule.most_blocks, now.blocks + kMostFurther));
  const Run run{series.differences, rule, evidence, seed};
  EstimateDetectable(power, run);
  if (now.state == MetricState::kOpen) {
    EstimateBlocksNeeded(power, run, now);
  } else {
    power.blocks_needed = 0;
  }
  return power;
}

}  // namespace coresweep
