// What `coresweep transports` measures: one row for each transport, payload, wait and place, beside
// the limit that this machine sets. Plain data; times in nanoseconds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/delivery.h"
#include "harness/core/ends_place.h"
#include "harness/core/statistics.h"

namespace coresweep {

/// One combination.
struct TransportCase {
  std::string transport;
  /// The producer writes every byte of the payload and the consumer reads every byte. False: only
  /// the memory changes hands, which is no transfer of data.
  bool touched = true;
  size_t bytes = 0;  ///< of payload, each way in a round trip
  Wait wait = Wait::kBlock;
  EndsPlace place = EndsPlace::kNeighbour;
  bool operator==(const TransportCase&) const = default;

  /// "shm", "shm_loan, untouched".
  [[nodiscard]] std::string Row() const { return touched ? transport : transport + ", untouched"; }
};

/// What one end used, a chunk.
struct EndCost {
  double cpu_ns = 0;
  double voluntary_switches = 0;    ///< it slept
  double involuntary_switches = 0;  ///< it was preempted
};

/// One chunk in flight: sent, answered with as many bytes, read.
struct RoundTripFigures {
  int64_t samples = 0;
  int trips_per_sample = 1;      ///< more than one: a sample is the mean of so many trips in a row
  std::optional<double> p50_ns;  ///< absent with too few samples (`Percentile`)
  std::optional<double> p99_ns;
  EndCost dispatcher;
  EndCost worker;
};

/// Several chunks in flight, answered without a payload.
struct OneWayFigures {
  int64_t chunks = 0;
  int credit = 0;
  double chunks_per_s = 0;
  std::optional<double> bytes_per_s;  ///< of payload; absent where it is not touched
  EndCost dispatcher;
  EndCost worker;
};

/// What the machine can do without the transport, measured in the same rounds.
struct LimitFigures {
  std::string round_trip;  ///< what was measured: "raw pipe, blocking", "cache line, spinning"
  int64_t samples = 0;
  std::optional<double> p50_ns;
  std::optional<double> p99_ns;
  std::string one_way;                 ///< "raw pipe, blocking", "memcpy"; "": no limit known
  std::optional<double> chunks_per_s;  ///< of `one_way`, chunks of the same payload
  std::optional<double> bytes_per_s;   ///< the same in payload
  /// Shared memory: payload a second that one core writes and the other reads behind a bare cache
  /// line; a memcpy stays in one core's caches.
  std::optional<double> crossing_bytes_per_s;
};

struct TransportRow {
  TransportCase of;
  std::optional<int64_t> spin_ns;  ///< busy wait that came of `wait` and `place`; absent: for ever
  std::string skipped;             ///< why it cannot be measured here; "" = it can
  std::string failed;              ///< how the measurement broke off; "" = it did not
  std::optional<RoundTripFigures> round_trip;
  std::optional<OneWayFigures> one_way;
  std::optional<LimitFigures> limit;
  std::string no_limit;  ///< why `limit` is absent
  /// Median round trip / that of the limit, paired in each round.
  std::optional<Spread> round_trip_times_limit;
  /// Chunks a second / those of the limit, paired in each round.
  std::optional<Spread> one_way_share_of_limit;
  /// Likewise against `LimitFigures::crossing_bytes_per_s`.
  std::optional<Spread> one_way_share_of_crossing;
};

struct TransportSurvey {
  int64_t created_unix_ms = 0;
  std::string cpu_model;
  std::string kernel;
  std::string allowed_cpus;  ///< list format
  int usable_cpus = 0;
  double seconds = 0;  ///< asked for, a combination
  int rounds = 0;
  std::vector<EndsSeats> places;
  std::vector<TransportRow> rows;
  bool interrupted = false;
};

}  // namespace coresweep
