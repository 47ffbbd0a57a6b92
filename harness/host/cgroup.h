// What the control groups of this process allow: CPU quota, memory, swap and process limits,
// cpuset, throttling. Reads cgroup v1, v2 and hybrids of both, below any root, so that tests can
// show it other machines.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/cpu_set.h"
#include "harness/core/system_facts.h"
#include "harness/core/use.h"

namespace coresweep {

/// Limits are the tightest over all levels from the process's own cgroup up to the mount point; on
/// a tie the level nearest the process. `source` is the file as the container names it.
struct CgroupFacts {
  int cpu_version = 0;                     ///< of the cpu controller: 1, 2 or 0 = not visible
  std::optional<Limit<double>> cpu_quota;  ///< CPUs' worth of time; nullopt: none that is visible
  int64_t cpu_period_us = 0;               ///< of the quota that binds; 0 = no quota
  std::optional<Limit<uint64_t>> cpu_burst_us;  ///< of the level whose quota binds; 0 = no burst
  /// Of the process's own cgroup: cpu.weight (1 to 10,000, usually 100) or cpu.shares (usually
  /// 1,024). A share among neighbours, never a count of CPUs.
  std::optional<Limit<uint64_t>> cpu_weight;
  std::optional<Limit<CpuSet>> cpuset;  ///< effective CPUs of the nearest level that tells
  bool memory_visible = false;  ///< the memory controller; else nothing is known of its limits
  std::optional<Limit<uint64_t>> memory_limit_bytes;
  std::optional<Limit<uint64_t>> memory_high_bytes;  ///< v2 only
  /// Swap beside the memory limit; v1's limit of memory and swap together less that of memory.
  std::optional<Limit<uint64_t>> swap_limit_bytes;
  std::optional<Limit<uint64_t>> pids_max;
  /// cpu.stat of the level whose quota binds, else of the nearest level that has one; includes the
  /// root it was read below. "" = none.
  std::string cpu_stat_path;
  /// Levels above the mount point exist and cannot be read (private cgroup namespace, a mounted
  /// part): their CPU quota, if any, is unknown.
  bool cpu_hidden_above = false;
  std::vector<std::string> warnings;  ///< files that were ignored and why
};

/// Reads `root`/proc/self/{cgroup,mountinfo} and the files they lead to, each controller by itself.
/// Never throws on what these hold: what is missing is no limit, what cannot be understood is
/// ignored with a warning.
CgroupFacts ReadCgroups(const std::filesystem::path& root = "/");

/// Counters of a cpu.stat file since the cgroup was made.
struct ThrottleCounters {
  int64_t nr_periods = 0;
  int64_t nr_throttled = 0;  ///< periods in which the quota ran out
  int64_t throttled_ns = 0;  ///< summed over CPUs
};

/// Reads v1 and v2 files; nullopt when the file is missing or has no such counters.
std::optional<ThrottleCounters> ReadThrottle(const std::string& cpu_stat_path);

/// `after` - `before`, each count at least 0.
ThrottleDelta Difference(const ThrottleCounters& before, const ThrottleCounters& after);

}  // namespace coresweep
