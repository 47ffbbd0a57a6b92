#include "harness/run/trial_lengths.h"

#include <algorithm>

#include "harness/base/clock.h"

namespace coresweep {
namespace {

constexpr int64_t kWarmupChunks = 1;
constexpr int64_t kWindowChunks = 4;
constexpr int64_t kWindowPeriods = 3;
constexpr int64_t kLeastProbeNs = 10 * kNsPerMs;  // many times what a chunk takes to travel

}  // namespace

TrialLengths LengthsOf(const SweepConfig& config, TrialRole role, const TrialPace& pace) {
  const int64_t chunks_ns = kWindowChunks * pace.chunk_ns;
  TrialLengths lengths;
  lengths.warmup_ns = std::max(SecondsToNs(config.warmup_s), kWarmupChunks * pace.chunk_ns);
  lengths.window_ns = std::max({SecondsToNs(config.window_s), chunks_ns, pace.least_window_ns,
                                kWindowPeriods * pace.period_ns});
  if (role != TrialRole::kProbe) {
    lengths.work_items = config.work_items;
    if (lengths.work_items > 0) lengths.window_ns *= kMostWindows;
    return lengths;
  }
  return {kWarmupChunks * pace.chunk_ns,
          std::min(lengths.window_ns, std::max({pace.pass_ns, chunks_ns, kLeastProbeNs})), 0};
}

}  // namespace coresweep
