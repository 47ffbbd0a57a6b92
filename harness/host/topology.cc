#include "harness/host/topology.h"

#include <fmt/format.h>
#include <hwloc.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "harness/base/error.h"

namespace coresweep {
namespace {

using TopologyPtr = std::unique_ptr<hwloc_topology, decltype(&hwloc_topology_destroy)>;
using BitmapPtr = std::unique_ptr<hwloc_bitmap_s, decltype(&hwloc_bitmap_free)>;

TopologyPtr NewTopology() {
  hwloc_topology_t topology = nullptr;
  if (hwloc_topology_init(&topology) != 0) throw Error("hwloc_topology_init: out of memory");
  return {topology, hwloc_topology_destroy};
}

CpuSet ToCpuSet(hwloc_const_bitmap_t bitmap) {
  CpuSet cpus;
  for (int cpu = hwloc_bitmap_first(bitmap); cpu >= 0; cpu = hwloc_bitmap_next(bitmap, cpu))
    cpus.Add(cpu);
  return cpus;
}

BitmapPtr ToBitmap(const CpuSet& cpus) {
  BitmapPtr bitmap(hwloc_bitmap_alloc(), hwloc_bitmap_free);
  if (!bitmap) throw Error("hwloc_bitmap_alloc: out of memory");
  for (const int cpu : cpus.ToVector())
    hwloc_bitmap_set(bitmap.get(), static_cast<unsigned>(cpu));
  return bitmap;
}

/// False when nothing would be left. Restricting renumbers logical indexes.
bool Restrict(hwloc_topology_t topology, const CpuSet& cpus) {
  const BitmapPtr bitmap = ToBitmap(cpus);
  if (!hwloc_bitmap_intersects(hwloc_topology_get_allowed_cpuset(topology), bitmap.get()))
    return false;
  if (hwloc_topology_restrict(topology, bitmap.get(), 0) != 0)
    ThrowErrno("hwloc_topology_restrict", cpus.ToList());
  return true;
}

int AncestorIndex(hwloc_topology_t topology, hwloc_obj_type_t type, hwloc_obj_t pu) {
  const hwloc_obj_t ancestor = hwloc_get_ancestor_obj_by_type(topology, type, pu);
  return ancestor == nullptr ? -1 : static_cast<int>(ancestor->logical_index);
}

/// Nodes hang beside the tree of CPUs, perhaps behind a memory-side cache. Of several at one place
/// the first is ordinary memory; nodes without CPUs are nobody's nearest.
int NearestNumaNode(hwloc_obj_t pu) {
  for (hwloc_obj_t object = pu; object != nullptr; object = object->parent) {
    for (hwloc_obj_t child = object->memory_first_child; child != nullptr;
         child = child->next_sibling) {
      hwloc_obj_t node = child;
      while (node != nullptr && node->type != HWLOC_OBJ_NUMANODE)
        node = node->memory_first_child;
      if (node != nullptr && hwloc_bitmap_isset(node->cpuset, pu->os_index) != 0)
        return static_cast<int>(node->os_index);
    }
  }
  return -1;
}

const char* CacheKind(hwloc_obj_cache_type_t type) {
  switch (type) {
    case HWLOC_OBJ_CACHE_DATA:
      return "data";
    case HWLOC_OBJ_CACHE_INSTRUCTION:
      return "instruction";
    default:
      return "unified";
  }
}

/// Objects of a restricted topology may stay for the sake of their memory.
bool HasCpus(hwloc_obj_t object) {
  return hwloc_bitmap_iszero(object->cpuset) == 0;
}

int CountWithCpus(hwloc_topology_t topology, hwloc_obj_type_t type) {
  int count = 0;
  for (hwloc_obj_t object = nullptr;
       (object = hwloc_get_next_obj_by_type(topology, type, object)) != nullptr;)
    count += HasCpus(object) ? 1 : 0;
  return count;
}

void AddCache(std::vector<CacheFact>& caches, hwloc_obj_t cache) {
  const CacheFact fact{static_cast<int>(cache->attr->cache.depth),
                       CacheKind(cache->attr->cache.type), cache->attr->cache.size, 1};
  const auto same = std::find_if(caches.begin(), caches.end(), [&](const CacheFact& other) {
    return other.level == fact.level && other.kind == fact.kind && other.bytes == fact.bytes;
  });
  if (same == caches.end()) {
    caches.push_back(fact);
  } else {
    ++same->count;
  }
}

std::vector<CacheFact> Caches(hwloc_topology_t topology) {
  std::vector<CacheFact> caches;
  for (int depth = hwloc_topology_get_depth(topology) - 1; depth >= 0; --depth) {
    if (hwloc_obj_type_is_cache(hwloc_get_depth_type(topology, depth)) == 0) continue;
    for (hwloc_obj_t cache = nullptr;
         (cache = hwloc_get_next_obj_by_depth(topology, depth, cache)) != nullptr;) {
      if (HasCpus(cache)) AddCache(caches, cache);
    }
  }
  return caches;
}

Topology Describe(hwloc_topology_t topology) {
  Topology result;
  for (hwloc_obj_t pu = nullptr;
       (pu = hwloc_get_next_obj_by_type(topology, HWLOC_OBJ_PU, pu)) != nullptr;) {
    result.pus.push_back({static_cast<int>(pu->os_index),
                          AncestorIndex(topology, HWLOC_OBJ_CORE, pu),
                          AncestorIndex(topology, HWLOC_OBJ_L3CACHE, pu), NearestNumaNode(pu),
                          AncestorIndex(topology, HWLOC_OBJ_PACKAGE, pu)});
  }
  result.cores = CountWithCpus(topology, HWLOC_OBJ_CORE);
  result.packages = CountWithCpus(topology, HWLOC_OBJ_PACKAGE);
  result.caches = Caches(topology);
  for (hwloc_obj_t node = nullptr;
       (node = hwloc_get_next_obj_by_type(topology, HWLOC_OBJ_NUMANODE, node)) != nullptr;) {
    result.numa_nodes.push_back({static_cast<int>(node->os_index),
                                 node->attr->numanode.local_memory, ToCpuSet(node->cpuset)});
  }
  return result;
}

}  // namespace

Topology ReadTopology(const CpuSet& affinity, CpuSet* hwloc_allowed) {
  const TopologyPtr topology = NewTopology();
  // Restricted below rather than by RESTRICT_TO_CPUBINDING, which would hide what hwloc itself
  // allows; DONT_CHANGE_BINDING keeps its x86 backend from rebinding this thread either way.
  hwloc_topology_set_flags(topology.get(), HWLOC_TOPOLOGY_FLAG_DONT_CHANGE_BINDING);
  if (hwloc_topology_load(topology.get()) != 0) ThrowErrno("hwloc_topology_load");
  if (hwloc_topology_is_thissystem(topology.get()) == 0) {
    throw UsageError(
        "hwloc describes another machine than this: unset HWLOC_XMLFILE, HWLOC_SYNTHETIC, "
        "HWLOC_FSROOT, HWLOC_COMPONENTS and HWLOC_THISSYSTEM");
  }
  *hwloc_allowed = ToCpuSet(hwloc_topology_get_allowed_cpuset(topology.get()));
  if (!Restrict(topology.get(), affinity)) return {};
  return Describe(topology.get());
}

Topology ReadTopologyFrom(const TopologySource& source, const std::optional<CpuSet>& restrict_to) {
  const TopologyPtr topology = NewTopology();
  const bool from_file = source.kind == TopologySource::Kind::kXmlFile;
  const char* text = source.text.c_str();
  const int accepted = from_file ? hwloc_topology_set_xml(topology.get(), text)
                                 : hwloc_topology_set_synthetic(topology.get(), text);
  if (accepted != 0 || hwloc_topology_load(topology.get()) != 0) {
    throw UsageError(fmt::format(
        "cannot read the topology {}: {}", source.text,
        from_file ? "not a readable file of `lstopo out.xml`" : "not hwloc's synthetic notation"));
  }
  if (restrict_to && !Restrict(topology.get(), *restrict_to)) {
    throw UsageError(fmt::format("the topology {} has none of the CPUs \"{}\"", source.text,
                                 restrict_to->ToList()));
  }
  return Describe(topology.get());
}

}  // namespace coresweep
