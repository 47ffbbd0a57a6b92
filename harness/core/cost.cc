#include "harness/core/cost.h"

#include <algorithm>

namespace coresweep {
namespace {

constexpr double kMillion = 1e6;

/// `amount` / throughput: the least throughput makes the greatest cost.
Estimate PerThroughput(double amount, const Estimate& throughput) {
  Estimate cost{amount / throughput.value, std::nullopt, std::nullopt};
  if (throughput.low && throughput.high && *throughput.low > 0) {
    cost.low = amount / *throughput.high;
    cost.high = amount / *throughput.low;
  }
  return cost;
}

double Billed(const std::optional<double>& step, double amount) {
  return step ? RoundedUp(*step, amount) : amount;
}

}  // namespace

std::optional<double> PricePerSecond(const PriceBook& book, const ContainerSize& size) {
  if (book.grid.kind == GridKind::kFixed) {
    for (const FixedSize& fixed : book.grid.sizes)
      if (fixed.name == size.name) return fixed.price_per_s;
    return std::nullopt;
  }
  if (!book.price) return std::nullopt;
  return Billed(book.billing.vcpu_step, size.vcpus) * book.price->per_vcpu_s +
         Billed(book.billing.memory_step, size.memory) * book.price->per_memory_s;
}

double BilledSeconds(const Billing& billing, const ContainerLife& life) {
  const double pull_s = billing.starts == BillingStart::kImagePull ? life.pull_s : 0;
  return std::max(RoundedUp(billing.granularity_s, pull_s + life.run_s), billing.minimum_s);
}

Estimate SteadyCost(double price_per_s, const Estimate& throughput) {
  return PerThroughput(price_per_s * kMillion, throughput);
}

Estimate BilledCost(double price_per_s, double billed_s, const Estimate& throughput,
                    const ContainerLife& life) {
  return PerThroughput(price_per_s * billed_s * kMillion / (life.run_s - life.start_s), throughput);
}

SizeCost CostOf(const PriceBook& book, const ContainerSize& size, const Estimate& throughput,
                const ContainerLife& life) {
  SizeCost cost;
  cost.size = size;
  const auto per_s = PricePerSecond(book, size);
  if (!per_s) return cost;
  cost.per_hour = *per_s * 3600;
  cost.billed_s = BilledSeconds(book.billing, life);
  cost.steady = SteadyCost(*per_s, throughput);
  cost.as_billed = BilledCost(*per_s, *cost.billed_s, throughput, life);
  return cost;
}

}  // namespace coresweep
