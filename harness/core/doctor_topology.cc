#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "harness/core/doctor_rules.h"

namespace coresweep {
namespace {

using Found = std::optional<Finding>;

Found PartialCores(const HostFacts& facts) {
  std::map<int, CpuSet> allowed, forbidden;  // by core
  for (const Pu& pu : facts.machine.pus) {
    if (pu.core < 0) continue;
    (facts.allowed.Contains(pu.os_index) ? allowed : forbidden)[pu.core].Add(pu.os_index);
  }
  int cores = 0;
  CpuSet siblings;
  for (const auto& [core, cpus] : allowed) {
    if (!forbidden.contains(core)) continue;
    ++cores;
    siblings = siblings.Union(forbidden[core]);
  }
  if (cores == 0) return std::nullopt;
  return Finding{
      "partial-cores", kWarning,
      fmt::format("of {} core{} only some hardware threads are allowed: CPUs {} share them with us "
                  "and belong to others, who slow us down when they are busy",
                  cores, cores == 1 ? "" : "s", siblings.ToList()),
      "ask for whole cores (Kubernetes: full-pcpus-only of the static CPU manager), or repeat the "
      "sweep and look at the spread"};
}

Found SeveralNumaNodes(const HostFacts& facts) {
  const auto with_cpus =
      std::count_if(facts.topology.numa_nodes.begin(), facts.topology.numa_nodes.end(),
                    [](const NumaFact& node) { return !node.cpus.Empty(); });
  if (with_cpus < 2) return std::nullopt;
  return Finding{
      "several-numa-nodes", kNote,
      fmt::format("the allowed CPUs lie in {} NUMA nodes: memory of another node is "
                  "slower to reach",
                  with_cpus),
      fmt::format("include the placement numa and {} workers or a multiple of it", with_cpus)};
}

Found HybridCores(const HostFacts& facts) {
  int fast = 0;
  int small = 0;
  for (const Pu& pu : facts.topology.pus) {
    fast += pu.kind == CoreKind::kPerformance ? 1 : 0;
    small += pu.kind == CoreKind::kEfficiency ? 1 : 0;
  }
  if (fast == 0 || small == 0) return std::nullopt;
  return Finding{
      "hybrid-cores", kWarning,
      fmt::format("{} CPUs are of performance cores and {} of efficiency cores: equal workers are "
                  "not equally fast",
                  fast, small),
      fmt::format("include the placements pcore (up to {} CPUs) and ecore, and read the rows of "
                  "single workers",
                  fast)};
}

Found MemoryBindingRefused(const HostFacts& facts) {
  if (facts.machine.numa_nodes.size() < 2) return std::nullopt;
  for (const Probe& probe : facts.system.probes) {
    if (probe.name != "memory binding" || probe.available) continue;
    return Finding{"memory-binding-refused", kWarning,
                   fmt::format("the machine has {} NUMA nodes, and memory may not be bound to them "
                               "({}): it goes where a thread first touches it",
                               facts.machine.numa_nodes.size(), probe.detail),
                   "pin the workers (any placement but none), which has nearly the same effect, or "
                   "grant CAP_SYS_NICE (docker run --cap-add SYS_NICE)"};
  }
  return std::nullopt;
}

constexpr std::array<Rule, 4> kTopologyRules = {PartialCores, SeveralNumaNodes, HybridCores,
                                                MemoryBindingRefused};

}  // namespace

std::span<const Rule> TopologyRules() {
  return kTopologyRules;
}

}  // namespace coresweep
