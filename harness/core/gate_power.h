// What a gate could have seen: the smallest effect it would have caught, and how many blocks it
// still needs. By replaying a run's own differences, with fresh coins, through the rule.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "harness/core/gate_rule.h"
#include "harness/core/gate_session.h"

namespace coresweep {

struct GatePower {
  /// Smallest effect (0.03 = B worse by 3 %) with which at least 90 % of replays FAIL the main
  /// batch within most_blocks. Never below `tolerated`.
  std::optional<double> detectable;
  std::string no_detectable;  ///< why there is none; empty when there is
  /// Median number of further blocks, over replays that go on from the blocks there are as if B
  /// were equal to A, until this metric is clean or regressed; 0 when it is already.
  std::optional<int64_t> blocks_needed;
  std::string no_blocks_needed;  ///< why there is none; empty when there is
};

/// 1000 replays, the same for the same arguments. A replay draws blocks with replacement from the
/// differences less their median, each with a sign by a fresh coin; so it knows this run's noise,
/// but no serial dependence between blocks, and nothing of other metrics (`gated_metrics` = K sets
/// the evidence asked for). Needs first_look measured blocks.
GatePower EstimatePower(const MetricSeries& series, const GateRule& rule, int64_t gated_metrics,
                        uint64_t seed);

}  // namespace coresweep
