// Where the time of a sweep went, and how long its next trial will take. Pure.
#pragma once

#include <cstdint>
#include <optional>

#include "harness/core/result.h"

namespace coresweep {

struct SweepTime {
  /// All calls together, from the start of each (host, spin test, reference, plan) to its last
  /// report. Of a call that was killed only what came before the end of its last finished trial is
  /// known and counted; time between calls does not count.
  double total_s = 0;
  /// Measured windows, summed over the trials that gave a throughput. Start-up, warm-up, drain,
  /// checks at the end of a trial, reports, the reference and trials that failed are the rest.
  double measuring_s = 0;
  /// 1 − measuring / total; nullopt where the total is not known.
  [[nodiscard]] std::optional<double> NotMeasuringShare() const;
};

SweepTime TimeOf(const SweepResult& sweep);

/// Nanoseconds that `trial` is expected to take: as long as the longest trial of its cell so far;
/// of a cell without one, as long as the longest of the other cells that gave a throughput, since
/// a slow chunk lengthens the window; before any, `EstimateTrialSeconds`, which is also the
/// least where open load asks for a longer window. Probes, which are shorter, tell of probes, and
/// other trials of others.
int64_t ExpectedTrialNs(const SweepResult& sweep, const Trial& trial);

/// Cells of the plan, of a search those it chooses from, without a trial that came to its end,
/// right or wrong.
int64_t CellsWithoutTrial(const SweepResult& sweep);

}  // namespace coresweep
