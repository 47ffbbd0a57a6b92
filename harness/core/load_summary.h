// What a cell of open load reached, over its repetitions.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "harness/core/cell.h"
#include "harness/core/latency.h"
#include "harness/core/measurement.h"
#include "harness/core/statistics.h"

namespace coresweep {

struct OpenLoadSummary {
  double rate_asked_per_s = 0;          ///< requests (chunks) a second
  std::optional<Spread> offered_per_s;  ///< that really came due: differs by chance
  std::optional<Spread> reached_per_s;  ///< whose computing ended
  std::optional<Spread> queue_mean;     ///< due and not issued
  int64_t queue_most = 0;
  int64_t left = 0;           ///< never issued, summed
  LatencySummary from_issue;  ///< for comparison: what coordinated omission would show
  /// Of requests that came due when a worker had room: the harness's own lateness.
  int64_t unhindered = 0;
  std::optional<Spread> issue_late_p50_us, issue_late_p99_us;
  bool saturated = false;  ///< in at least half of the repetitions
};

/// Requests that may be left over at the end of a window though the cell keeps up. Poisson: three
/// standard deviations √n of the count of n arrivals, as far as a queue in balance wanders in that
/// time. Constant: one that computes and one that waits for each worker.
double ChanceBacklog(const Cell& cell, int64_t arrivals);

/// Whether the rate is more than the cell sustains: the window left more than 1 % of its requests
/// and more than `ChanceBacklog` over, or some were never issued.
bool IsSaturated(const Cell& cell, const OpenLoadUse& use);

/// "1,000 requests came due in the window of 0.5 s, 612 were computed …"; with a remedy.
std::string WhySaturated(const OpenLoadUse& use);

/// nullopt where no trial has an open load.
std::optional<OpenLoadSummary> SummarizeOpenLoad(const Cell& cell,
                                                 std::span<const TrialMeasurement* const> trials);

}  // namespace coresweep
