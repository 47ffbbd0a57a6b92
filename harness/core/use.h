// What the operating system counted during the window of a trial. Differences, never totals;
// nullopt where a source cannot be read: then the host's `sources` say why.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace coresweep {

/// Throttling of the container, from cpu.stat at the level that binds.
struct ThrottleDelta {
  int64_t periods = 0;
  int64_t throttled_periods = 0;
  int64_t throttled_ns = 0;  ///< summed over CPUs
  bool operator==(const ThrottleDelta&) const = default;
};

/// Pressure stall information ("some"): time in which at least one task waited for the resource.
struct PressureDelta {
  std::string source;  ///< the file read for the CPU: of the cgroup, else /proc/pressure/cpu
  std::optional<int64_t> cpu_ns;
  std::optional<int64_t> memory_ns;
  std::optional<int64_t> io_ns;
  bool operator==(const PressureDelta&) const = default;
};

/// Of the container and the machine under it, read by worker 0 at its window edges.
struct SystemUse {
  int64_t interval_ns = 0;  ///< between the two readings; 0 = not read
  std::optional<ThrottleDelta> throttle;
  std::optional<PressureDelta> pressure;
  /// Of /proc/stat, summed over the allowed CPUs; its ticks are 10 ms.
  std::optional<int64_t> steal_ns;
  std::optional<int64_t> busy_ns;  ///< all time not idle, of whoever: ours and others'
  int cpus = 0;                    ///< allowed CPUs that `steal_ns` and `busy_ns` are summed over
  bool operator==(const SystemUse&) const = default;
};

/// Of one worker (all its threads), read by itself at the first chunk boundary after each edge.
struct WorkerUse {
  int64_t interval_ns = 0;  ///< between the two readings; 0 = not read
  int64_t cpu_ns = 0;
  int64_t voluntary_switches = 0;
  int64_t involuntary_switches = 0;
  int64_t minor_faults = 0;
  int64_t major_faults = 0;
  std::optional<int64_t> run_queue_ns;  ///< runnable and waiting for a CPU (schedstat)
  std::optional<int64_t> migrations;    ///< between CPUs
  std::optional<int64_t> cycles;        ///< hardware counters, user mode only
  std::optional<int64_t> instructions;
  std::optional<int64_t> cache_misses;  ///< last-level
  std::string counters;  ///< where migrations and the hardware counters came from; "" = nowhere
  bool operator==(const WorkerUse&) const = default;
};

/// Threads of one process that had the same mask.
struct MaskGroup {
  std::string cpus;  ///< list format
  int threads = 0;
  std::vector<std::string> names;  ///< different names of these threads, at most 4
  bool operator==(const MaskGroup&) const = default;
};

/// What a process really had at one moment, read back.
struct Readback {
  std::vector<MaskGroup> masks;          ///< every thread of the process, grouped; by the least CPU
  std::vector<std::string> thread_cpus;  ///< of each computing thread, in order; empty = not asked
  std::string
      memory_policy;  ///< "default", "bind:0-1", "preferred:0"; "unknown: get_mempolicy: EPERM" …
  bool operator==(const Readback&) const = default;
};

}  // namespace coresweep
