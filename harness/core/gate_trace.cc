#include "harness/core/gate_trace.h"

#include <array>
#include <cmath>
#include <utility>

namespace coresweep {
namespace {

constexpr size_t kPhaseCount = std::tuple_size_v<decltype(GateOutcome::phases)>;

/// What the session knew of a phase before its last block.
struct GatePhaseSeen {
  int64_t blocks = 0;
  std::vector<size_t> measured;  ///< one a metric
};

GateTraceBlock TraceBlock(const GateRecord& record, const GateSession& session,
                          GatePhaseSeen& seen) {
  const PhaseOutcome& phase = *session.Outcome().Phase(record.block.phase);
  GateTraceBlock traced;
  traced.block = record.block;
  traced.counts = phase.blocks > seen.blocks;
  if (!traced.counts)
    traced.why_not = record.invalid.empty() ? session.Outcome().reason : record.invalid;
  traced.look = traced.counts && IsLook(session.Setup().rule, phase.blocks);
  seen.blocks = phase.blocks;
  seen.measured.resize(phase.series.size());
  for (size_t m = 0; m < phase.series.size(); ++m) {
    const std::vector<double>& differences = phase.series[m].differences;
    GateTraceMetric metric;
    if (differences.size() > seen.measured[m]) metric.worse_ratio = std::exp(differences.back());
    seen.measured[m] = differences.size();
    metric.so_far = phase.judgements[m];
    traced.metrics.push_back(metric);
  }
  return traced;
}

}  // namespace

GateTrace TraceGate(const GateLog& log) {
  std::array<GatePhaseSeen, kPhaseCount> seen;
  std::vector<GateTraceBlock> blocks;
  GateSession session = Replay(log, [&](const GateRecord& record, const GateSession& now) {
    blocks.push_back(TraceBlock(record, now, seen.at(static_cast<size_t>(record.block.phase))));
  });
  return {std::move(session), std::move(blocks)};
}

}  // namespace coresweep
