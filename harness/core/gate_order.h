// Whether the place of a launch in its block shows: the first half of each block against its mirror
// half. Each half has one launch of either arm, so that their difference cancels.
#pragma once

#include <cstdint>
#include <optional>

#include "harness/core/gate_record.h"

namespace coresweep {

/// Of one gated metric, over the blocks of all batches that count and have all values.
struct OrderEffect {
  int64_t blocks = 0;
  int64_t second_worse = 0;  ///< blocks whose launches 3 and 4 are worse than 1 and 2
  int64_t first_worse = 0;
  /// exp of the median of: mean log of the second half less that of the first; above 1 the second
  /// half is worse, in the metric's own direction.
  double ratio = 1;
  /// The signs, by a two-sided sign test at 1 % for all gated metrics together (Bonferroni).
  bool beyond_chance = false;
};
/// `metric` by its index in the setup; nullopt without such a block.
std::optional<OrderEffect> OrderEffectOf(const GateLog& log, size_t metric);

}  // namespace coresweep
