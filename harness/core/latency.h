// Latencies of the chunks of a window: from when each was due, and from when it was issued.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/core/measurement.h"

namespace coresweep {

/// From when a latency counts. Under closed load a chunk is due when it is issued. Under open load
/// only the due time shows what a caller waits: while the system stalls nothing is issued, so
/// latencies from the issue leave out just the requests that the stall held up ("coordinated
/// omission"; G. Tene, wrk2 README).
enum class Since { kDue, kIssued };

/// Latency of a chunk until it is merged; microseconds.
struct LatencySummary {
  int64_t samples = 0;
  std::optional<double> p50_us, p90_us, p99_us, p999_us, max_us;
  /// Which percentiles are missing and why; p99.9 is looked for under open load only.
  std::string why_null;
};

/// Whether `sample` counts: its computation touches the window, as for the throughput; under open
/// load, it came due in the window.
bool CountsIn(const TrialMeasurement& trial, const ChunkSample& sample);

/// Of the samples that count, microseconds, ascending. Open load: requests of the window that were
/// never issued are there as infinities, in proportion to the samples kept.
std::vector<double> LatenciesUs(const TrialMeasurement& trial, Since since);

/// Over all trials together. A percentile that falls on a request never issued is nullopt.
LatencySummary SummarizeLatency(std::span<const TrialMeasurement* const> trials, Since since);

}  // namespace coresweep
