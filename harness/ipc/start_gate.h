// Releases all workers of a trial at once and tells them the measured window.
#pragma once

#include <atomic>
#include <cstdint>

#include "harness/base/clock.h"
#include "harness/base/shared_region.h"
#include "harness/core/window_meter.h"

namespace coresweep {

/// When a trial runs; CLOCK_MONOTONIC nanoseconds.
struct Schedule {
  int64_t gate_ns = 0;  ///< nobody begins before
  Window window;
};

/// A word and a schedule in shared memory. One process opens, any number waits.
class StartGate {
 public:
  /// A closed gate in memory of its own, to be inherited as `fd()`.
  static StartGate Create();
  /// The gate behind an inherited descriptor.
  static StartGate Attach(UniqueFd fd);

  [[nodiscard]] int fd() const { return region_.fd(); }

  /// Publishes the schedule and wakes everybody.
  void Open(const Schedule& schedule);

  /// Waits for `Open`, then until `gate_ns`. Throws `Error` when it is still closed at `deadline`,
  /// so that a sibling that never became ready cannot hold this process for ever.
  [[nodiscard]] Schedule Await(Deadline deadline);

  /// True for the first call of all processes: a planted fault that ends a worker is to strike
  /// once, not again when its chunk is sent to another.
  [[nodiscard]] bool FirstToStrike();

 private:
  struct Shared {
    std::atomic<uint32_t> open;
    std::atomic<uint32_t> struck;
    Schedule schedule;
  };

  explicit StartGate(SharedRegion region) : region_(std::move(region)) {}
  [[nodiscard]] Shared* shared() const { return reinterpret_cast<Shared*>(region_.data()); }

  SharedRegion region_;
};

}  // namespace coresweep
