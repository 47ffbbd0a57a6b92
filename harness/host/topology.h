// CPUs, cores, caches and NUMA nodes as hwloc sees them; the only user of hwloc.
#pragma once

#include <optional>
#include <string>

#include "harness/base/cpu_set.h"
#include "harness/core/topology.h"

namespace coresweep {

/// This machine: `usable` is what hwloc allows restricted to `affinity`; `*hwloc_allowed` gets what
/// hwloc alone would allow, which may be too much: it cuts long cgroup names and then allows every
/// CPU. No usable PUs when the two sets have none in common. Leaves the calling thread's binding
/// alone. Throws `Error`, or `UsageError` when an HWLOC_ variable of the environment makes hwloc
/// describe another machine.
Machine ReadMachine(const CpuSet& affinity, CpuSet* hwloc_allowed);

/// Another machine. `source` is a file written by `lstopo out.xml`, a folder recorded by
/// hwloc-gather-topology (unpacked), or hwloc's synthetic notation, "package:2 l3:2 core:4 pu:2";
/// what is the name of something that exists is a path. Usable is what it says is allowed,
/// restricted to `allowed` if given. Throws `UsageError` when it cannot be read, when `allowed`
/// names CPUs that it does not have or forbids, or when no CPU is left.
Machine ReadMachineFrom(const std::string& source,
                        const std::optional<CpuSet>& allowed = std::nullopt);

}  // namespace coresweep
