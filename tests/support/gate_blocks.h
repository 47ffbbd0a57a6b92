// Launches with chosen values, and gates made of them.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "harness/core/gate_record.h"

namespace coresweep::example {

/// A good launch of this throughput.
inline Launch GoodLaunch(double items_per_s) {
  Launch launch;
  launch.items = 100;
  for (const LaunchMetric& metric : LaunchMetrics()) {
    launch.metrics.push_back(metric.name == "throughput"
                                 ? MetricValue{items_per_s, ""}
                                 : MetricValue{std::nullopt, "not asked for"});
  }
  return launch;
}

inline Launch BadLaunch(Outcome outcome, std::string message) {
  Launch launch = GoodLaunch(100);
  launch.outcome = outcome;
  launch.message = std::move(message);
  return launch;
}

/// Throughput; verdicts after few blocks.
inline GateSetup QuickSetup() {
  GateSetup setup;
  setup.rule.first_look = 6;
  setup.rule.look_every = 2;
  setup.rule.most_blocks = 40;
  setup.metrics = {{"throughput", "items/s", true}};
  setup.seed = 7;
  return setup;
}

/// What the arm in this place of the block gives.
using LaunchMaker = std::function<Launch(const GateBlock&, GateArm)>;

inline GateRecord RecordOf(const GateBlock& block, const LaunchMaker& make) {
  GateRecord record{block, 1'700'000'000'000 + block.attempt, {}, ""};
  for (const GateArm arm : ArmsOf(block.order))
    record.launches.push_back(make(block, arm));
  return record;
}

/// Runs `session` to its end, or for `most` blocks.
inline GateLog RunBlocks(GateSession& session, const LaunchMaker& make, size_t most = 1000) {
  GateLog log{session.Setup(), {}, ""};
  while (log.records.size() < most) {
    const auto block = session.Next();
    if (!block) break;
    log.records.push_back(RecordOf(*block, make));
    session.Add(ResultOf(log.records.back(), log.setup));
  }
  return log;
}

/// A gives 100 items/s, B `of_candidate`, a copy of A as much as A; a little more in each block.
inline LaunchMaker Planted(double of_candidate) {
  return [of_candidate](const GateBlock& block, GateArm arm) {
    const bool slow = arm == GateArm::kCandidate && block.phase != GatePhase::kNullControl;
    const double drift = 1 + 0.001 * static_cast<double>(block.attempt);
    return GoodLaunch((slow ? of_candidate : 100) * drift);
  };
}

}  // namespace coresweep::example
