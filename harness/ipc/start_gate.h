// Releases all workers of a trial at once and tells them the measured window, and when it ends.
#pragma once

#include <atomic>
#include <cstdint>

#include "harness/base/clock.h"
#include "harness/base/shared_region.h"
#include "harness/core/window_meter.h"

namespace coresweep {

/// From when the work is done to the end of the window.
constexpr int64_t kEndLeadNs = 200 * kNsPerUs;

/// When a trial runs; CLOCK_MONOTONIC nanoseconds.
struct Schedule {
  int64_t gate_ns = 0;  ///< nobody begins before
  Window window;
  /// Fixed work: the window ends as soon as so many items were computed in it by all workers
  /// together, at `window.end_ns` at the latest. 0: at `window.end_ns`.
  int64_t work_items = 0;
};

/// A word and a schedule in shared memory. One process opens, any number waits.
///
/// Under fixed work whoever sees that the work is done ends the window, a moment ahead of now, so
/// that nobody has counted a chunk yet that was computed after its end.
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

  /// When the window ends, as far as known now. Every worker may write there: take the earlier of
  /// it and of the schedule's end.
  [[nodiscard]] int64_t EndNs() const {
    return shared()->end_ns.load(std::memory_order_acquire);  // pairs with EndWindowAt
  }
  /// The window ends at `end_ns`, `kEndLeadNs` from now or later, unless it ends before.
  void EndWindowAt(int64_t end_ns);
  /// So many more items were computed in the window; returns how many were, of all workers.
  int64_t AddWork(int64_t items);

  /// True for the first call of all processes: a planted fault that ends a worker is to strike
  /// once, not again when its chunk is sent to another.
  [[nodiscard]] bool FirstToStrike();

 private:
  struct Shared {
    std::atomic<uint32_t> open;
    std::atomic<uint32_t> struck;
    std::atomic<int64_t> end_ns;
    std::atomic<int64_t> work;
    Schedule schedule;
  };

  explicit StartGate(SharedRegion region) : region_(std::move(region)) {}
  [[nodiscard]] Shared* shared() const { return reinterpret_cast<Shared*>(region_.data()); }

  SharedRegion region_;
};

}  // namespace coresweep
