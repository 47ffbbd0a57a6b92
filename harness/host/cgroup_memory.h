// Memory, swap and process limits of control groups.
#pragma once

#include "harness/host/cgroup.h"
#include "harness/host/cgroup_hierarchy.h"
#include "harness/host/rooted_files.h"

namespace coresweep {

/// Fills `facts.memory_limit_bytes`, `memory_high_bytes` and `swap_limit_bytes`.
void ReadMemoryLimits(RootedFiles& files, const CgroupHierarchy& memory, CgroupFacts& facts);

/// Fills `facts.pids_max`.
void ReadPidsLimit(RootedFiles& files, const CgroupHierarchy& pids, CgroupFacts& facts);

}  // namespace coresweep
