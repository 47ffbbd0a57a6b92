// What a machine is made of, as plain data; filled by harness/host.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/base/cpu_set.h"

namespace coresweep {

/// Which of two sorts of core a PU belongs to, on machines that mix them.
enum class CoreKind {
  kOnlyOne,      ///< the machine has one kind, or does not say
  kPerformance,  ///< P-core, big
  kEfficiency,   ///< E-core, little
};

/// One processing unit (hardware thread) and the objects that contain it, by hwloc logical index;
/// -1 where the machine has no such object.
struct Pu {
  int os_index = 0;
  int core = -1;
  int l3 = -1;
  int numa_node = -1;  ///< OS index of the nearest node
  int package = -1;
  int l2 = -1;
  int die = -1;
  int group = -1;  ///< the innermost hwloc Group, for example a cluster of cores
  CoreKind kind = CoreKind::kOnlyOne;
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
  CpuSet cpus;  ///< empty for memory without CPUs
};

/// A machine, or the part of it that may be used; PUs in hwloc's logical order.
struct Topology {
  std::vector<Pu> pus;
  int cores = 0;
  int packages = 0;
  std::vector<CacheFact> caches;
  std::vector<NumaFact> numa_nodes;
  /// Online CPUs of the whole machine, also in the topology of a part: what
  /// `std::thread::hardware_concurrency` of a careless program takes for its own.
  int online_cpus = 0;

  [[nodiscard]] CpuSet Cpus() const {
    CpuSet cpus;
    for (const Pu& pu : pus)
      cpus.Add(pu.os_index);
    return cpus;
  }
};

/// A machine with the part of it that this container may use.
struct Machine {
  Topology whole;   ///< every online PU that hwloc shows, forbidden ones too
  Topology usable;  ///< of the allowed CPUs alone; its logical indexes are its own
};

}  // namespace coresweep
