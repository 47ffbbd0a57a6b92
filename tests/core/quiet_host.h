// A plain virtual machine with two CPUs of its own, for tests of the doctor.
#pragma once

#include <string>
#include <vector>

#include "harness/core/doctor.h"

namespace coresweep {

inline HostFacts QuietHost() {
  HostFacts facts;
  facts.cpu_model = "Imaginary 9000";
  facts.present_cpus = facts.visible_cpus = 2;
  facts.hwloc_allowed = facts.affinity = facts.allowed = {0, 1};
  facts.topology.pus = {{0, 0, 0, 0, 0}, {1, 1, 0, 0, 0}};
  facts.topology.cores = 2;
  facts.topology.packages = 1;
  facts.topology.numa_nodes = {{0, uint64_t{8} << 30, {0, 1}}};
  facts.machine = facts.topology;
  facts.cgroup_version = 2;
  facts.measured = MeasuredCpus{1.97, 0.5, 2};
  facts.memory_total_bytes = uint64_t{8} << 30;
  facts.dev_shm_bytes = uint64_t{4} << 30;
  facts.swap_total_bytes = uint64_t{1} << 30;
  facts.cpu_weight = {100, "/sys/fs/cgroup/cpu.weight"};
  facts.pids_max = {9000, "/sys/fs/cgroup/pids.max"};
  SystemFacts& system = facts.system;
  system.clock_source = "tsc";
  system.clock_cost_ns = 25;
  system.virtualization = "kvm";
  system.steal_share = 0.002;
  system.transparent_huge_pages = "madvise";
  system.rlimits = {{"nofile", 1024}, {"nproc", 30'000}};
  system.probes = {{"hardware counters", true, "cycles"}, {"pressure", true, "/proc/pressure/cpu"}};
  return facts;
}

/// The finding of that id; an empty one when there is none.
inline Finding Found(const HostFacts& facts, const std::string& id,
                     const RuntimeFacts* libraries = nullptr) {
  for (Finding& finding : Diagnose(facts, libraries)) {
    if (finding.id == id) return finding;
  }
  return {};
}

}  // namespace coresweep
