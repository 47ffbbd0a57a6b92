// Gates run on made-up launches: what the tests of the gate share.
#pragma once

#include <cmath>
#include <functional>
#include <utility>

#include "harness/core/gate_session.h"

namespace coresweep {

/// Gives the launches of the block asked for.
using BlockSource = std::function<BlockResult(const GateBlock&)>;

/// One gated metric: a time, lower is better.
inline GateSetup TimeGate(uint64_t seed = 1) {
  GateSetup setup;
  setup.metrics = {{"wall_time", "s", false}};
  setup.seed = seed;
  return setup;
}

/// A block in the order asked for, with `base` and `candidate` as the value of every metric.
inline BlockResult BlockOf(const GateBlock& asked, double base, double candidate,
                           size_t metrics = 1) {
  BlockResult block;
  for (const GateArm arm : ArmsOf(asked.order)) {
    GateLaunch launch;
    launch.arm = arm;
    launch.values.assign(metrics, arm == GateArm::kBase ? base : candidate);
    block.launches.push_back(std::move(launch));
  }
  return block;
}

/// B slower by `percent` in the main batch and the confirmation; the null control sees A twice.
inline BlockResult SlowerBy(const GateBlock& asked, double percent) {
  const bool control = asked.phase == GatePhase::kNullControl;
  return BlockOf(asked, 1, control ? 1 : 1 + percent / 100);
}

/// Runs `source` until the session ends.
inline GateOutcome RunGate(const GateSetup& setup, const BlockSource& source) {
  GateSession session(setup);
  while (const auto asked = session.Next())
    session.Add(source(*asked));
  return session.Outcome();
}

inline int64_t BlocksOf(const GateOutcome& outcome, GatePhase phase) {
  const auto& found = outcome.Phase(phase);
  return found ? found->blocks : 0;
}

}  // namespace coresweep
