// How long a trial warms up and measures.
#pragma once

#include <cstdint>

#include "harness/core/cell.h"
#include "harness/core/config.h"

namespace coresweep {

struct TrialLengths {
  int64_t warmup_ns = 0;
  int64_t window_ns = 0;   ///< of fixed work: the longest
  int64_t work_items = 0;  ///< as in `Schedule`
  bool operator==(const TrialLengths&) const = default;
};

/// What decides them besides the configuration.
struct TrialPace {
  int64_t chunk_ns = 0;         ///< one chunk in one worker
  int64_t pass_ns = 0;          ///< all items once, over all workers
  int64_t period_ns = 0;        ///< of the CPU quota; 0 without one
  int64_t least_window_ns = 0;  ///< where requests are rare; see `LeastWindowSeconds`
};

/// Work that is cut off then is many times what was reckoned with: a cell that cannot work.
constexpr int64_t kMostWindows = 10;

/// Warm-up: `warmup_s`, at least 1 chunk. Window: `window_s`, at least 4 chunks, `least_window_ns`
/// and 3 periods of the quota, which is handed out period by period. A probe, whose time is not
/// used, warms up for 1 chunk and measures for one pass over the items, at least 4 chunks and 10
/// ms, and never longer than others. Where the configuration fixes the work, that of all but probes
/// is so many items, for `kMostWindows` windows at the most.
TrialLengths LengthsOf(const SweepConfig& config, TrialRole role, const TrialPace& pace);

}  // namespace coresweep
