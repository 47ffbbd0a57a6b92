// From a loaded hwloc topology to plain data.
#pragma once

#include "harness/base/cpu_set.h"
#include "harness/core/topology.h"

struct hwloc_topology;

namespace coresweep {

/// CPUs that `topology` shows and allows; none when it names CPUs above 1,048,575.
CpuSet AllowedCpus(hwloc_topology* topology);

/// All PUs of `topology`, loaded with INCLUDE_DISALLOWED, and its part of `usable` CPUs (a subset
/// of `AllowedCpus`; when empty, the part has no PUs). NUMA nodes that are not allowed are not in
/// the part. Restricts `topology`. Throws `Error`.
Machine DescribeMachine(hwloc_topology* topology, const CpuSet& usable);

}  // namespace coresweep
