#include "harness/core/host_json.h"

#include <algorithm>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "harness/core/cpu_figures.h"

namespace coresweep {
namespace {

using OrderedJson = nlohmann::ordered_json;

template <typename T>
OrderedJson LimitToJson(const std::optional<Limit<T>>& limit) {
  if (!limit) return nullptr;
  return {{"value", limit->value}, {"source", limit->source}};
}

OrderedJson IndexToJson(int index) {
  return index < 0 ? OrderedJson() : OrderedJson(index);
}

OrderedJson CountToJson(uint64_t count) {
  return count == 0 ? OrderedJson() : OrderedJson(count);
}

OrderedJson TextToJson(const std::string& text) {
  return text.empty() ? OrderedJson() : OrderedJson(text);
}

const char* KindName(CoreKind kind) {
  if (kind == CoreKind::kPerformance) return "performance";
  return kind == CoreKind::kEfficiency ? "efficiency" : nullptr;
}

OrderedJson KindToJson(CoreKind kind) {
  const char* name = KindName(kind);
  return name == nullptr ? OrderedJson() : OrderedJson(name);
}

OrderedJson CachesToJson(const Topology& topology) {
  OrderedJson caches = OrderedJson::array();
  for (const CacheFact& cache : topology.caches) {
    caches.push_back({{"level", cache.level},
                      {"kind", cache.kind},
                      {"bytes", cache.bytes},
                      {"count", cache.count}});
  }
  return caches;
}

OrderedJson NodesToJson(const Topology& topology) {
  OrderedJson nodes = OrderedJson::array();
  for (const NumaFact& node : topology.numa_nodes) {
    nodes.push_back(
        {{"os_index", node.os_index}, {"bytes", node.bytes}, {"cpus", node.cpus.ToList()}});
  }
  return nodes;
}

OrderedJson TopologyToJson(const Topology& topology) {
  OrderedJson pus = OrderedJson::array();
  for (const Pu& pu : topology.pus) {
    pus.push_back({{"os_index", pu.os_index},
                   {"core", IndexToJson(pu.core)},
                   {"l3", IndexToJson(pu.l3)},
                   {"numa_node", IndexToJson(pu.numa_node)},
                   {"package", IndexToJson(pu.package)},
                   {"l2", IndexToJson(pu.l2)},
                   {"die", IndexToJson(pu.die)},
                   {"group", IndexToJson(pu.group)},
                   {"kind", KindToJson(pu.kind)}});
  }
  return {{"packages", topology.packages},
          {"cores", topology.cores},
          {"caches", CachesToJson(topology)},
          {"numa_nodes", NodesToJson(topology)},
          {"pus", std::move(pus)}};
}

/// The whole machine without a line for each of its CPUs.
OrderedJson MachineToJson(const Topology& machine) {
  if (machine.pus.empty()) return nullptr;
  std::map<int, int> pus_of_core;
  std::map<CoreKind, CpuSet> kinds;
  for (const Pu& pu : machine.pus) {
    ++pus_of_core[pu.core];
    kinds[pu.kind].Add(pu.os_index);
  }
  int most = 0;
  for (const auto& [core, pus] : pus_of_core)
    most = std::max(most, pus);
  OrderedJson kinds_json = OrderedJson::object();
  for (const auto& [kind, cpus] : kinds) {
    if (const char* name = KindName(kind)) kinds_json[name] = cpus.ToList();
  }
  return {{"cpus", machine.Cpus().ToList()},
          {"packages", machine.packages},
          {"cores", machine.cores},
          {"threads_per_core", pus_of_core.contains(-1) ? OrderedJson() : OrderedJson(most)},
          {"core_kinds", std::move(kinds_json)},
          {"caches", CachesToJson(machine)},
          {"numa_nodes", NodesToJson(machine)}};
}

OrderedJson FigureToJson(const CpuFigure& figure) {
  if (!figure.value) return nullptr;
  const bool whole = figure.name != "quota" && figure.name != "measured";
  return {
      {"value", whole ? OrderedJson(static_cast<int>(*figure.value)) : OrderedJson(*figure.value)},
      {"source", figure.source}};
}

/// {"nominal": {value, source} or null, …, "usable", "binds"}.
OrderedJson CpuLimitsToJson(const HostFacts& facts) {
  OrderedJson json = OrderedJson::object();
  std::string binds;
  for (const CpuFigure& figure : CpuFigures(facts)) {
    json[figure.name] = FigureToJson(figure);
    if (figure.binds) binds = figure.name;
  }
  if (facts.measured) {
    json["measured"]["seconds"] = facts.measured->seconds;
    json["measured"]["threads"] = facts.measured->threads;
  }
  json["usable"] = facts.UsableCpus();
  json["binds"] = binds;
  return json;
}

template <typename T>
OrderedJson OptionalToJson(const std::optional<T>& value) {
  return value ? OrderedJson(*value) : OrderedJson();
}

OrderedJson LimitsToJson(const std::map<std::string, uint64_t>& limits) {
  OrderedJson json = OrderedJson::object();
  for (const auto& [name, limit] : limits)
    json[name] = limit == std::numeric_limits<uint64_t>::max() ? OrderedJson("unlimited")
                                                               : OrderedJson(limit);
  return json;
}

OrderedJson SystemToJson(const SystemFacts& system) {
  return {{"clock_source", TextToJson(system.clock_source)},
          {"clock_cost_ns", OptionalToJson(system.clock_cost_ns)},
          {"governor", TextToJson(system.governor)},
          {"virtualization", TextToJson(system.virtualization)},
          {"container", TextToJson(system.container)},
          {"steal_share", OptionalToJson(system.steal_share)},
          {"huge_pages", OptionalToJson(system.huge_pages)},
          {"transparent_huge_pages", TextToJson(system.transparent_huge_pages)},
          {"seccomp_mode", IndexToJson(system.seccomp_mode)},
          {"no_new_privs", OptionalToJson(system.no_new_privs)},
          {"capabilities", system.capabilities},
          {"rlimits", LimitsToJson(system.rlimits)},
          {"environment", OrderedJson(system.environment)}};
}

OrderedJson ProbesToJson(const std::vector<Probe>& probes) {
  OrderedJson json = OrderedJson::array();
  for (const Probe& probe : probes) {
    json.push_back(
        {{"name", probe.name}, {"available", probe.available}, {"detail", probe.detail}});
  }
  return json;
}

OrderedJson CpusetToJson(const std::optional<Limit<CpuSet>>& cpuset) {
  if (!cpuset) return nullptr;
  return {{"value", cpuset->value.ToList()}, {"source", cpuset->source}};
}

}  // namespace

OrderedJson ToJson(const HostFacts& facts) {
  return {
      {"cpu_model", TextToJson(facts.cpu_model)},
      {"architecture", TextToJson(facts.architecture)},
      {"os", TextToJson(facts.os)},
      {"kernel", TextToJson(facts.kernel)},
      {"usable_cpus", facts.UsableCpus()},
      {"binding_limit", facts.BindingLimit()},
      {"visible_cpus", CountToJson(static_cast<uint64_t>(facts.visible_cpus))},
      {"hwloc_allowed", facts.hwloc_allowed.ToList()},
      {"affinity", facts.affinity.ToList()},
      {"allowed", facts.allowed.ToList()},
      {"cgroup_version", CountToJson(static_cast<uint64_t>(facts.cgroup_version))},
      {"cpu_quota_cpus", LimitToJson(facts.cpu_quota)},
      {"cpu_stat_path", TextToJson(facts.cpu_stat_path)},
      {"memory_cgroup_visible", facts.memory_cgroup_visible},
      {"memory_limit_bytes", LimitToJson(facts.memory_limit_bytes)},
      {"memory_total_bytes", CountToJson(facts.memory_total_bytes)},
      {"dev_shm_bytes", facts.dev_shm_bytes ? OrderedJson(*facts.dev_shm_bytes) : OrderedJson()},
      {"topology", TopologyToJson(facts.topology)},
      {"warnings", facts.warnings},
      {"cpu_limits", CpuLimitsToJson(facts)},
      {"cpu_period_us", facts.cpu_period_us > 0 ? OrderedJson(facts.cpu_period_us) : OrderedJson()},
      {"cpu_burst_us", LimitToJson(facts.cpu_burst_us)},
      {"cpu_weight", LimitToJson(facts.cpu_weight)},
      {"cpu_limits_above_hidden", facts.cpu_hidden_above},
      {"cpuset", CpusetToJson(facts.cpuset)},
      {"isolated", facts.isolated.ToList()},
      {"memory_high_bytes", LimitToJson(facts.memory_high_bytes)},
      {"swap_limit_bytes", LimitToJson(facts.swap_limit_bytes)},
      {"swap_total_bytes", facts.swap_total_bytes},
      {"pids_max", LimitToJson(facts.pids_max)},
      {"lxcfs", facts.lxcfs},
      {"machine", MachineToJson(facts.machine)},
      {"system", SystemToJson(facts.system)},
      {"probes", ProbesToJson(facts.system.probes)},
      {"foreign", TextToJson(facts.foreign)}};
}

}  // namespace coresweep
