// CPUs, cores, caches and NUMA nodes as hwloc sees them; the only user of hwloc.
#pragma once

#include <optional>
#include <string>

#include "harness/base/cpu_set.h"
#include "harness/core/host_facts.h"

namespace coresweep {

/// A machine other than this one.
struct TopologySource {
  enum class Kind {
    kXmlFile,    ///< `text` is the path of a file written by `lstopo out.xml`
    kSynthetic,  ///< `text` is hwloc's notation, "package:2 numa:1 l3:2 core:4 pu:2"
  };
  Kind kind = Kind::kXmlFile;
  std::string text;
};

/// This machine restricted to `affinity`; `*hwloc_allowed` gets what hwloc alone would allow, which
/// may be too much: it cuts long cgroup names and then allows every CPU. No PUs when the two sets
/// have none in common. Leaves the calling thread's binding alone. Throws `Error`, or `UsageError`
/// when an HWLOC_ variable of the environment makes hwloc describe another machine.
Topology ReadTopology(const CpuSet& affinity, CpuSet* hwloc_allowed);

/// The CPUs of `source` that it says are allowed, restricted to `restrict_to` if given. Throws
/// `UsageError` when it cannot be read or no CPU is left.
Topology ReadTopologyFrom(const TopologySource& source,
                          const std::optional<CpuSet>& restrict_to = std::nullopt);

}  // namespace coresweep
