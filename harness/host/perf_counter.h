// One counter of the kernel's perf events. Used by WorkerMeter and by the probe of what this
// container grants.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include "harness/base/unique_fd.h"

namespace coresweep {

enum class PerfEvent {
  kTaskClock,   ///< software: CPU time in nanoseconds
  kMigrations,  ///< software: moves between CPUs; happen in the kernel, so that must be counted
  kCycles,      ///< hardware, user mode only, as those below
  kInstructions,
  kCacheMisses,  ///< last-level
};

/// Counts, from being opened, for the opening thread and the threads that it (and they) start from
/// then on, summed; those that ended included.
class PerfCounter {
 public:
  /// What was counted since the counter was opened.
  struct Reading {
    uint64_t value = 0;
    uint64_t enabled_ns = 0;
    uint64_t running_ns = 0;  ///< less than `enabled_ns` when counters had to take turns
  };

  /// nullopt when perf_event_open is refused, with its errno in `*error_number` if that is given.
  static std::optional<PerfCounter> Open(PerfEvent event, int* error_number = nullptr);

  /// nullopt when the kernel took the counter away. Some microseconds.
  [[nodiscard]] std::optional<Reading> Read() const noexcept;
  [[nodiscard]] PerfEvent event() const { return event_; }

 private:
  PerfCounter(PerfEvent event, UniqueFd fd) : event_(event), fd_(std::move(fd)) {}
  PerfEvent event_;
  UniqueFd fd_;
};

/// What happened between two readings, scaled up for the time in which the counter did not run;
/// nullopt when it never ran or a reading is missing.
std::optional<int64_t> Growth(const std::optional<PerfCounter::Reading>& before,
                              const std::optional<PerfCounter::Reading>& after);

/// True when a counter moves as much as a known loop of some 100 microseconds must make it move
/// (instructions, cycles) or ran at all (others). Some virtual machines have one that hardly moves.
bool CountsPlausibly(const PerfCounter& counter);

/// Why perf_event_open gave `error_number`: "ENOENT (no PMU, usual in virtual machines)", "EACCES
/// (perf_event_paranoid is 3)". Reads perf_event_paranoid below `root`.
std::string ExplainPerfRefusal(PerfEvent event, int error_number,
                               const std::filesystem::path& root = "/");

}  // namespace coresweep
