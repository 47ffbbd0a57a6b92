// What a configuration would cost in containers of a service: estimates from a measured throughput.
//
// cost per million = price per second / throughput · 10^6 while it runs (steady), and
// price per second · billed seconds / inferences done · 10^6 over the life of a container (as
// billed): both after the reference notes on containers, §3.5; the unit is that of the figures AWS
// publishes beside throughput and latency for its own chips.
#pragma once

#include <optional>

#include "harness/core/container_size.h"
#include "harness/core/price_book.h"

namespace coresweep {

/// A figure, with what is known of its uncertainty.
struct Estimate {
  double value = 0;
  std::optional<double> low, high;  ///< both or neither
};

/// One container from its start to its end.
struct ContainerLife {
  double pull_s = 0;   ///< of the image, before it starts
  double start_s = 0;  ///< from its start until it answers
  double run_s = 0;    ///< from its start to its end, `start_s` in it
};

/// What a size costs that does so much work.
struct SizeCost {
  ContainerSize size;
  bool holds = true;                  ///< whether the configuration fits
  std::optional<double> per_hour;     ///< nullopt: the size has no price
  std::optional<Estimate> steady;     ///< per million inferences
  std::optional<Estimate> as_billed;  ///< the same
  std::optional<double> billed_s;     ///< of one life
};

/// (billed vCPUs · price + billed memory · price), or the price of a fixed size; nullopt: none.
std::optional<double> PricePerSecond(const PriceBook& book, const ContainerSize& size);

/// run_s, and pull_s where that is billed, rounded up to the granularity; at least the minimum.
double BilledSeconds(const Billing& billing, const ContainerLife& life);

/// Per million inferences at `throughput` > 0 (inferences a second; its low makes the cost's high).
Estimate SteadyCost(double price_per_s, const Estimate& throughput);

/// The same of a whole life: what is billed of it / what it infers after `start_s`. Requires
/// run_s > start_s.
Estimate BilledCost(double price_per_s, double billed_s, const Estimate& throughput,
                    const ContainerLife& life);

/// All of it for one size of `book`.
SizeCost CostOf(const PriceBook& book, const ContainerSize& size, const Estimate& throughput,
                const ContainerLife& life);

}  // namespace coresweep
