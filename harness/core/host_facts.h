// What this machine and container are and allow, as plain data; filled by harness/host.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/cpu_set.h"

namespace coresweep {

/// One processing unit (hardware thread) and the objects that contain it, by hwloc logical index;
/// -1 where the machine has no such object.
struct Pu {
  int os_index = 0;
  int core = -1;
  int l3 = -1;
  int numa_node = -1;  ///< OS index of the nearest node
  int package = -1;
};

struct CacheFact {
  int level = 0;
  std::string kind;  ///< "data", "unified", "instruction"
  uint64_t bytes = 0;
  int count = 0;
};

struct NumaFact {
  int os_index = 0;
  uint64_t bytes = 0;
  CpuSet cpus;
};

/// A limit that was found, and the file it came from.
template <typename T>
struct Limit {
  T value{};
  std::string source;
};

/// hwloc's view restricted to the allowed CPUs; PUs in hwloc's logical order.
struct Topology {
  std::vector<Pu> pus;
  int cores = 0;
  int packages = 0;
  std::vector<CacheFact> caches;
  std::vector<NumaFact> numa_nodes;
};

struct HostFacts {
  std::string cpu_model;
  std::string kernel;
  std::string architecture;
  std::string os;
  int visible_cpus = 0;                    ///< online CPUs of the machine as the kernel shows them
  CpuSet hwloc_allowed;                    ///< hwloc's allowed cpuset
  CpuSet affinity;                         ///< sched_getaffinity of this process
  CpuSet allowed;                          ///< the intersection: where workers may sit
  Topology topology;                       ///< of `allowed`
  int cgroup_version = 0;                  ///< of the cpu controller: 1, 2 or 0 = none found
  std::optional<Limit<double>> cpu_quota;  ///< CPUs' worth of time, tightest level
  std::optional<Limit<uint64_t>> memory_limit_bytes;
  uint64_t memory_total_bytes = 0;
  std::optional<uint64_t> dev_shm_bytes;  ///< size of /dev/shm; nullopt: not mounted
  std::string cpu_stat_path;              ///< cpu.stat of the level that binds; "" = none
  std::vector<std::string> warnings;

  /// CPUs that work may be planned for: min(|allowed|, quota rounded down), at least 1.
  [[nodiscard]] int UsableCpus() const;
  /// "quota of 1.5 CPUs (/sys/fs/cgroup/cpu.max)" or "2 allowed CPUs": what binds `UsableCpus`.
  [[nodiscard]] std::string BindingLimit() const;
  /// The memory limit, or the machine's memory where there is none.
  [[nodiscard]] uint64_t UsableMemoryBytes() const;
};

}  // namespace coresweep
