// CPU limits of control groups: quota, burst, weight, cpuset.
#pragma once

#include "harness/host/cgroup.h"
#include "harness/host/cgroup_hierarchy.h"
#include "harness/host/rooted_files.h"

namespace coresweep {

/// Whether the cpu controller works at any of the levels of `cpu`: v2 is mounted also where its
/// controller is switched off, and a mount may be masked.
bool CpuControllerOn(RootedFiles& files, const CgroupHierarchy& cpu);

/// Fills `facts.cpu_*`.
void ReadCpuLimits(RootedFiles& files, const CgroupHierarchy& cpu, CgroupFacts& facts);

/// Fills `facts.cpuset`.
void ReadCpuset(RootedFiles& files, const CgroupHierarchy& cpuset, CgroupFacts& facts);

}  // namespace coresweep
