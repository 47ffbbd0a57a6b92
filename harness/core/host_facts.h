// What this machine and container are and allow, as plain data; filled by harness/host.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/cpu_set.h"
#include "harness/core/system_facts.h"
#include "harness/core/topology.h"

namespace coresweep {

struct HostFacts {
  std::string cpu_model;
  std::string kernel;
  std::string architecture;
  std::string os;
  int visible_cpus = 0;                    ///< online CPUs of the machine as the kernel shows them
  int present_cpus = 0;                    ///< plugged into the machine, offline ones too
  CpuSet hwloc_allowed;                    ///< hwloc's allowed cpuset
  CpuSet affinity;                         ///< sched_getaffinity of this process
  CpuSet allowed;                          ///< the intersection: where workers may sit
  std::optional<Limit<CpuSet>> cpuset;     ///< of the cgroup, where it tells
  CpuSet isolated;                         ///< allowed CPUs that the scheduler leaves alone
  Topology topology;                       ///< of `allowed`
  Topology machine;                        ///< every CPU that hwloc shows, forbidden ones too
  std::string foreign;                     ///< "" = this machine, else the topology it stands for
  int cgroup_version = 0;                  ///< of the cpu controller: 1, 2 or 0 = none found
  std::optional<Limit<double>> cpu_quota;  ///< CPUs' worth of time, tightest level
  int64_t cpu_period_us = 0;               ///< of the quota that binds; 0 = no quota
  std::optional<Limit<uint64_t>> cpu_burst_us;  ///< of the level whose quota binds
  std::optional<Limit<uint64_t>> cpu_weight;    ///< cpu.weight or cpu.shares: never a count of CPUs
  /// cgroup levels above the mount point exist, whose CPU quota, if any, cannot be seen.
  bool cpu_hidden_above = false;
  std::optional<MeasuredCpus> measured;  ///< nullopt: not measured
  bool memory_cgroup_visible = false;    ///< else a memory limit, if any, is unknown
  std::optional<Limit<uint64_t>> memory_limit_bytes;
  std::optional<Limit<uint64_t>> memory_high_bytes;  ///< v2: reclaim begins here
  std::optional<Limit<uint64_t>> swap_limit_bytes;
  std::optional<Limit<uint64_t>> pids_max;
  uint64_t memory_total_bytes = 0;
  uint64_t swap_total_bytes = 0;
  std::optional<uint64_t> dev_shm_bytes;  ///< size of /dev/shm; nullopt: not mounted
  std::string cpu_stat_path;              ///< cpu.stat of the level that binds; "" = none
  bool lxcfs = false;                     ///< it stands in for files of /proc
  SystemFacts system;
  std::vector<std::string> warnings;

  /// CPUs' worth of time as read: min(|allowed|, quota).
  [[nodiscard]] double DeclaredCpus() const;
  /// The spin test, with a thread on every allowed CPU, got clearly less than was read: below 90 %
  /// of `DeclaredCpus`.
  [[nodiscard]] bool MeasuredBinds() const;
  /// CPUs that work may be planned for: `DeclaredCpus` rounded down or, where the measurement
  /// binds, that rounded down after adding a tenth of a CPU; at least 1.
  [[nodiscard]] int UsableCpus() const;
  /// The same rounded up: as many processors as are worth trying, for a fractional quota may give
  /// more throughput, at the price of being throttled. At least `UsableCpus`.
  [[nodiscard]] int MostCpus() const;
  /// "quota of 1.5 CPUs (/sys/fs/cgroup/cpu.max)", "2 allowed CPUs", "0.48 CPUs measured …": what
  /// binds `UsableCpus`.
  [[nodiscard]] std::string BindingLimit() const;
  /// The memory limit, or the machine's memory where there is none.
  [[nodiscard]] uint64_t UsableMemoryBytes() const;
};

}  // namespace coresweep
