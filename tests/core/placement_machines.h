// Machines for tests of placement: synthetic, recorded and odd ones, and what to ask about them.
#pragma once

#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "harness/core/placement.h"
#include "harness/host/topology.h"

namespace coresweep {

inline Topology Synthetic(const std::string& text) {
  return ReadMachineFrom(text).usable;
}

inline Topology Recorded(const std::string& name) {
  return ReadMachineFrom(CORESWEEP_SOURCE_DIR "/tests/fixtures/topologies/" + name + ".xml").usable;
}

/// Two cores: CPU 0 alone, CPUs 1 and 2 together; a cpuset that cuts through a core.
inline Topology Ragged() {
  Topology topology;
  topology.pus = {{0, 0, 0, 0, 0}, {1, 1, 0, 0, 0}, {2, 1, 0, 0, 0}};
  topology.cores = 2;
  topology.online_cpus = 3;
  return topology;
}

/// Six performance cores of two PUs (CPUs 0-11), eight efficiency cores (12-19), which share an L2
/// by fours; one L3.
inline Topology Hybrid() {
  Topology topology;
  for (int cpu = 0; cpu < 20; ++cpu) {
    const bool performance = cpu < 12;
    Pu pu{cpu, performance ? cpu / 2 : cpu - 6, 0, 0, 0};
    pu.l2 = performance ? cpu / 2 : 6 + (cpu - 12) / 4;
    pu.kind = performance ? CoreKind::kPerformance : CoreKind::kEfficiency;
    topology.pus.push_back(pu);
  }
  topology.cores = 14;
  topology.online_cpus = 20;
  return topology;
}

/// Throws what the optional's absence is to a test that expects a placement.
inline Placement MustPlace(const std::string& policy, const Topology& topology,
                           const PlacementShape& shape) {
  std::string why_not;
  const auto placement = Place(policy, topology, shape, &why_not);
  if (!placement) throw std::runtime_error(policy + " refused: " + why_not);
  return *placement;
}

inline std::vector<std::string> Lists(const Placement& placement) {
  std::vector<std::string> lists;
  for (const WorkerPlace& worker : placement.workers)
    lists.push_back(worker.cpus.ToList());
  return lists;
}

inline std::vector<std::string> Lists(const std::string& policy, const Topology& topology,
                                      int workers, int threads, Width width = Width::kPu) {
  return Lists(MustPlace(policy, topology, {workers, threads, width}));
}

inline std::vector<std::string> ThreadLists(const WorkerPlace& worker) {
  std::vector<std::string> lists;
  for (const CpuSet& cpus : worker.threads)
    lists.push_back(cpus.ToList());
  return lists;
}

/// Different values of `member` among the PUs in `cpus`.
inline std::set<int> Domains(const Topology& topology, const CpuSet& cpus, int Pu::*member) {
  std::set<int> domains;
  for (const Pu& pu : topology.pus) {
    if (cpus.Contains(pu.os_index)) domains.insert(pu.*member);
  }
  return domains;
}

}  // namespace coresweep
