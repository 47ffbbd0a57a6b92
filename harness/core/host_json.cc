#include "harness/core/host_json.h"

#include <nlohmann/json.hpp>

namespace coresweep {
namespace {

using Json = nlohmann::ordered_json;

template <typename T>
Json LimitToJson(const std::optional<Limit<T>>& limit) {
  if (!limit) return nullptr;
  return {{"value", limit->value}, {"source", limit->source}};
}

Json IndexToJson(int index) {
  return index < 0 ? Json() : Json(index);
}

Json CountToJson(uint64_t count) {
  return count == 0 ? Json() : Json(count);
}

Json TextToJson(const std::string& text) {
  return text.empty() ? Json() : Json(text);
}

Json TopologyToJson(const Topology& topology) {
  Json pus = Json::array();
  for (const Pu& pu : topology.pus) {
    pus.push_back({{"os_index", pu.os_index},
                   {"core", IndexToJson(pu.core)},
                   {"l3", IndexToJson(pu.l3)},
                   {"numa_node", IndexToJson(pu.numa_node)},
                   {"package", IndexToJson(pu.package)}});
  }
  Json caches = Json::array();
  for (const CacheFact& cache : topology.caches) {
    caches.push_back({{"level", cache.level},
                      {"kind", cache.kind},
                      {"bytes", cache.bytes},
                      {"count", cache.count}});
  }
  Json nodes = Json::array();
  for (const NumaFact& node : topology.numa_nodes) {
    nodes.push_back(
        {{"os_index", node.os_index}, {"bytes", node.bytes}, {"cpus", node.cpus.ToList()}});
  }
  return {{"packages", topology.packages},
          {"cores", topology.cores},
          {"caches", std::move(caches)},
          {"numa_nodes", std::move(nodes)},
          {"pus", std::move(pus)}};
}

}  // namespace

Json ToJson(const HostFacts& facts) {
  return {{"cpu_model", TextToJson(facts.cpu_model)},
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
          {"memory_limit_bytes", LimitToJson(facts.memory_limit_bytes)},
          {"memory_total_bytes", CountToJson(facts.memory_total_bytes)},
          {"dev_shm_bytes", facts.dev_shm_bytes ? Json(*facts.dev_shm_bytes) : Json()},
          {"topology", TopologyToJson(facts.topology)},
          {"warnings", facts.warnings}};
}

}  // namespace coresweep
