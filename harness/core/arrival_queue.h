// The requests of open load that are due and wait to be issued, and what is to be said of them.
#pragma once

#include <cstdint>
#include <optional>

#include "harness/core/arrival_schedule.h"
#include "harness/core/measurement.h"
#include "harness/core/sample_log.h"
#include "harness/core/window_meter.h"

namespace coresweep {

/// First come, first served. Without a bound, since it holds two places in the schedule and no
/// requests. Nothing comes after the window. Not thread-safe; told the time by its caller.
class ArrivalQueue {
 public:
  ArrivalQueue(const ArrivalSpec& spec, int64_t origin_ns, Window window);

  /// Lets in what is due at `now_ns`, which never decreases. To be called before each look, also
  /// when nothing can be issued: the longest queue is seen here.
  void Advance(int64_t now_ns) noexcept;
  [[nodiscard]] bool Waiting() const { return front_.index() < arrived_.index(); }
  /// When the first of those that wait was due; only where some do.
  [[nodiscard]] int64_t FrontDueNs() const { return front_.due_ns(); }
  /// When the next one comes; nullopt: none will.
  [[nodiscard]] std::optional<int64_t> NextDueNs() const;

  /// The first of those that wait was issued.
  void Issue(int64_t issued_ns) noexcept;
  /// It could not be: no worker had room. What is issued late because of that is not laid to the
  /// harness.
  void Refuse() { refused_ = true; }
  /// The computing of some request ended.
  void Computed(int64_t computed_ns) noexcept;

  /// As far as it has come. Those that still wait are counted as never issued.
  [[nodiscard]] OpenLoadUse Use() const;

 private:
  [[nodiscard]] int64_t depth() const {
    return static_cast<int64_t>(arrived_.index() - front_.index());
  }
  [[nodiscard]] bool InWindow(int64_t at_ns) const {
    return at_ns >= window_.begin_ns && at_ns < window_.end_ns;
  }
  /// Part of the wait [due, until] that lies in the window.
  [[nodiscard]] int64_t WaitInWindow(int64_t due_ns, int64_t until_ns) const;

  double rate_per_s_;
  Window window_;
  ArrivalSchedule arrived_;   ///< the first that is not due yet
  ArrivalSchedule front_;     ///< the first that was not issued
  SampleLog late_;            ///< of those issued when a worker had room all the time
  int64_t held_up_until_ns_;  ///< no worker had room until then
  int64_t waited_ns_ = 0;     ///< in the window, summed
  int64_t most_ = 0;
  int64_t due_ = 0;
  int64_t computed_ = 0;
  bool refused_ = false;
};

}  // namespace coresweep
