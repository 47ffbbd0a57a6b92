// The limits beside which transports are shown: what the machine does without them. Each runs
// between two processes placed as the transport's ends are, but for memcpy, which one thread runs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/core/transport_figures.h"
#include "harness/run/raw_link.h"
#include "harness/run/trip_meter.h"
#include "harness/run/worker_pool.h"

namespace coresweep {

/// What limits a row of the table.
struct LimitKind {
  RawKind round_trip = RawKind::kPipe;
  bool memcpy_one_way = false;  ///< else `round_trip`'s connection is the limit one way too
  bool touched = true;
  bool operator==(const LimitKind&) const = default;
};
/// nullopt for a transport that none is known for.
std::optional<LimitKind> LimitOf(const std::string& transport, bool touched);

/// One limit at one place.
struct LimitCase {
  LimitKind kind;
  size_t bytes = 0;
  bool spinning = false;
  CpuSet worker_cpus;  ///< not empty
  bool operator==(const LimitCase&) const = default;
  /// "raw pipe, blocking", "cache line, spinning", "futex".
  [[nodiscard]] std::string RoundTripName() const;
  /// "raw pipe, blocking", "memcpy"; "" where there is no limit: payloads of less than 4 KiB in
  /// shared memory, or not touched.
  [[nodiscard]] std::string OneWayName() const;
};

/// Round trips over the raw connection, the payload written before and read after each as the
/// probe does; nanoseconds each. The caller sits where the dispatcher would. Throws `TrialFailure`
/// when the worker ends or a stop signal comes, `Error` where the container forbids the connection.
std::vector<double> MeasureRawRoundTrips(const ProcessContext& context, const LimitCase& limit,
                                         const MeterPlan& plan);

/// Chunks a second one way, sent back to back, all bytes read; answered by a byte now and then.
/// `slots`: of a line.
double MeasureRawOneWay(const ProcessContext& context, const LimitCase& limit,
                        const MeterPlan& plan, uint32_t slots = kLineSlots);

/// Copies of `bytes` (> 0) a second, from one buffer to `slots` in turn.
double MeasureMemcpy(size_t bytes, int slots, const MeterPlan& plan);

}  // namespace coresweep
