#include "harness/core/gate_order.h"

#include <cmath>
#include <vector>

#include "harness/core/sign_test.h"
#include "harness/core/statistics.h"

namespace coresweep {
namespace {

constexpr double kOrderRisk = 0.01;
constexpr size_t kHalf = 2;

/// nullopt where the block does not count or a launch has no usable value.
std::optional<double> HalfDifference(const GateRecord& record, const GateMetric& metric) {
  if (!record.invalid.empty() || record.launches.size() != 2 * kHalf) return std::nullopt;
  double difference = 0;
  for (size_t slot = 0; slot < record.launches.size(); ++slot) {
    const Launch& launch = record.launches[slot];
    const auto value = launch.Metric(metric.name).value;
    if (launch.outcome != Outcome::kOk || !value || !(*value > 0) || !std::isfinite(*value))
      return std::nullopt;
    difference += (slot < kHalf ? -0.5 : 0.5) * std::log(*value);
  }
  return metric.higher_is_better ? -difference : difference;
}

}  // namespace

std::optional<OrderEffect> OrderEffectOf(const GateLog& log, size_t metric) {
  OrderEffect effect;
  std::vector<double> differences;
  for (const GateRecord& record : log.records) {
    const auto difference = HalfDifference(record, log.setup.metrics.at(metric));
    if (!difference) continue;
    differences.push_back(*difference);
    effect.second_worse += *difference > kTieWidth ? 1 : 0;
    effect.first_worse += *difference < -kTieWidth ? 1 : 0;
  }
  if (differences.empty()) return std::nullopt;
  effect.blocks = static_cast<int64_t>(differences.size());
  effect.ratio = std::exp(*Median(differences));
  effect.beyond_chance = SignTestP(effect.second_worse, effect.first_worse) <=
                         kOrderRisk / static_cast<double>(log.setup.metrics.size());
  return effect;
}

}  // namespace coresweep
