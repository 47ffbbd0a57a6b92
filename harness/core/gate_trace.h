// How a gate came to its verdict, block by block.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/core/gate_record.h"

namespace coresweep {

/// One gated metric after one block.
struct GateTraceMetric {
  /// B / A of this block, above 1 = B worse (as `MetricJudgement::ratio`); nullopt: a launch has no
  /// value, or the block does not count.
  std::optional<double> worse_ratio;
  MetricJudgement so_far;  ///< by all blocks of the phase up to this one
};

struct GateTraceBlock {
  GateBlock block;
  bool counts = false;
  std::string why_not;  ///< where it does not count: the fault, or why it is invalid
  /// The rule was asked after it. Between looks evidence is shown and decides nothing.
  bool look = false;
  std::vector<GateTraceMetric> metrics;  ///< one a gated metric, in the order of the setup
};

/// A session with all of its steps.
struct GateTrace {
  GateSession session;
  std::vector<GateTraceBlock> blocks;  ///< one a record, in the order run
};

/// Replays `log`; throws as `Replay`.
GateTrace TraceGate(const GateLog& log);

}  // namespace coresweep
