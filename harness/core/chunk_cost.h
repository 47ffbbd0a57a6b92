// What a chunk costs the processors, to stand beside its latency.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "harness/core/measurement.h"
#include "harness/core/statistics.h"

namespace coresweep {

/// Per chunk: of each trial, then median, least and greatest; nullopt where no trial has it.
struct ChunkCost {
  std::optional<Spread> cpu_us;
  std::optional<Spread> wakeups;  ///< of the dispatcher alone
  std::optional<Spread> voluntary_switches;
  std::optional<Spread> involuntary_switches;
  std::string why_null;  ///< which are missing and why; "" = none
};

/// Of all workers together. Their use and their chunks are over intervals of somewhat different
/// length: the cost is the ratio of the two rates.
ChunkCost WorkerChunkCost(std::span<const TrialMeasurement* const> trials);

/// Of the dispatcher, from the gate to the end of the drain.
ChunkCost DispatcherChunkCost(std::span<const TrialMeasurement* const> trials);

}  // namespace coresweep
