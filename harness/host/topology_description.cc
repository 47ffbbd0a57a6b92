#include "harness/host/topology_description.h"

#include <hwloc.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "harness/base/error.h"
#include "harness/host/core_kinds.h"

namespace coresweep {
namespace {

using BitmapPtr = std::unique_ptr<hwloc_bitmap_s, decltype(&hwloc_bitmap_free)>;
/// OS indexes of the NUMA nodes that may be named.
using Nodes = std::set<int>;

/// As in `CpuSet::Parse`.
constexpr int kGreatestCpu = 1'048'575;

BitmapPtr NewBitmap() {
  BitmapPtr bitmap(hwloc_bitmap_alloc(), hwloc_bitmap_free);
  if (!bitmap) throw Error("hwloc_bitmap_alloc: out of memory");
  return bitmap;
}

CpuSet ToCpuSet(hwloc_const_bitmap_t bitmap) {
  CpuSet cpus;
  // The bound is for damaged files: hwloc's sets may be infinite.
  for (int cpu = hwloc_bitmap_first(bitmap); cpu >= 0 && cpu <= kGreatestCpu;
       cpu = hwloc_bitmap_next(bitmap, cpu))
    cpus.Add(cpu);
  return cpus;
}

BitmapPtr ToBitmap(const CpuSet& cpus) {
  BitmapPtr bitmap = NewBitmap();
  for (const int cpu : cpus.ToVector())
    hwloc_bitmap_set(bitmap.get(), static_cast<unsigned>(cpu));
  return bitmap;
}

/// Calls `visit` with every object of `type` in logical order.
template <typename Visit>
void ForEach(hwloc_topology_t topology, hwloc_obj_type_t type, const Visit& visit) {
  for (hwloc_obj_t object = nullptr;
       (object = hwloc_get_next_obj_by_type(topology, type, object)) != nullptr;)
    visit(object);
}

int AncestorIndex(hwloc_topology_t topology, hwloc_obj_type_t type, hwloc_obj_t pu) {
  const hwloc_obj_t ancestor = hwloc_get_ancestor_obj_by_type(topology, type, pu);
  return ancestor == nullptr ? -1 : static_cast<int>(ancestor->logical_index);
}

/// Numbers the innermost Groups. Groups may nest and lie at several depths, each with logical
/// indexes of its own.
class GroupNumbers {
 public:
  int Of(hwloc_topology_t topology, hwloc_obj_t pu) {
    hwloc_obj_t core = hwloc_get_ancestor_obj_by_type(topology, HWLOC_OBJ_CORE, pu);
    hwloc_obj_t group =
        hwloc_get_ancestor_obj_by_type(topology, HWLOC_OBJ_GROUP, core == nullptr ? pu : core);
    if (group == nullptr) return -1;
    return numbers_.try_emplace(group, static_cast<int>(numbers_.size())).first->second;
  }

 private:
  std::map<hwloc_obj_t, int> numbers_;
};

/// Memory of another sort than a CPU's own (high-bandwidth, of a GPU, slow) says so.
bool IsOrdinary(hwloc_obj_t node) {
  return node->subtype == nullptr || std::string_view(node->subtype) == "DRAM";
}

/// Nodes hang beside the tree of CPUs, perhaps behind a memory-side cache. Of several at one place
/// ordinary memory is preferred, then the first; nodes without CPUs are nobody's nearest.
int NearestNumaNode(hwloc_obj_t pu, const Nodes& nodes) {
  for (hwloc_obj_t object = pu; object != nullptr; object = object->parent) {
    hwloc_obj_t best = nullptr;
    for (hwloc_obj_t child = object->memory_first_child; child != nullptr;
         child = child->next_sibling) {
      hwloc_obj_t node = child;
      while (node != nullptr && node->type != HWLOC_OBJ_NUMANODE)
        node = node->memory_first_child;
      if (node == nullptr || hwloc_bitmap_isset(node->cpuset, pu->os_index) == 0 ||
          !nodes.contains(static_cast<int>(node->os_index)))
        continue;
      if (best == nullptr || (!IsOrdinary(best) && IsOrdinary(node))) best = node;
    }
    if (best != nullptr) return static_cast<int>(best->os_index);
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
  ForEach(topology, type, [&](hwloc_obj_t object) { count += HasCpus(object) ? 1 : 0; });
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

std::vector<CpuKind> Kinds(hwloc_topology_t topology) {
  std::vector<CpuKind> kinds;
  const int count = std::max(0, hwloc_cpukinds_get_nr(topology, 0));
  kinds.reserve(static_cast<size_t>(count));
  for (int index = 0; index < count; ++index) {
    const BitmapPtr cpus = NewBitmap();
    CpuKind kind;
    unsigned info_count = 0;
    hwloc_info_s* infos = nullptr;
    if (hwloc_cpukinds_get_info(topology, static_cast<unsigned>(index), cpus.get(),
                                &kind.efficiency, &info_count, &infos, 0) != 0)
      return {};
    for (unsigned info = 0; info < info_count; ++info)
      kind.infos.emplace(infos[info].name, infos[info].value);
    kind.cpus = ToCpuSet(cpus.get());
    kinds.push_back(std::move(kind));
  }
  return kinds;
}

Topology Describe(hwloc_topology_t topology, const Nodes& nodes) {
  Topology result;
  GroupNumbers groups;
  ForEach(topology, HWLOC_OBJ_PU, [&](hwloc_obj_t object) {
    Pu pu;
    pu.os_index = static_cast<int>(object->os_index);
    pu.core = AncestorIndex(topology, HWLOC_OBJ_CORE, object);
    pu.l2 = AncestorIndex(topology, HWLOC_OBJ_L2CACHE, object);
    pu.l3 = AncestorIndex(topology, HWLOC_OBJ_L3CACHE, object);
    pu.die = AncestorIndex(topology, HWLOC_OBJ_DIE, object);
    pu.package = AncestorIndex(topology, HWLOC_OBJ_PACKAGE, object);
    pu.group = groups.Of(topology, object);
    pu.numa_node = NearestNumaNode(object, nodes);
    result.pus.push_back(pu);
  });
  // A PU without a core is one, as placement takes it.
  const auto alone =
      std::count_if(result.pus.begin(), result.pus.end(), [](const Pu& pu) { return pu.core < 0; });
  result.cores = CountWithCpus(topology, HWLOC_OBJ_CORE) + static_cast<int>(alone);
  result.packages = CountWithCpus(topology, HWLOC_OBJ_PACKAGE);
  result.caches = Caches(topology);
  ForEach(topology, HWLOC_OBJ_NUMANODE, [&](hwloc_obj_t node) {
    const int index = static_cast<int>(node->os_index);
    if (!nodes.contains(index)) return;
    result.numa_nodes.push_back({index, node->attr->numanode.local_memory, ToCpuSet(node->cpuset)});
  });
  return result;
}

void SetKinds(const std::optional<CpuSet>& performance, Topology& topology) {
  if (!performance) return;
  for (Pu& pu : topology.pus) {
    pu.kind = performance->Contains(pu.os_index) ? CoreKind::kPerformance : CoreKind::kEfficiency;
  }
}

Nodes AllNodes(hwloc_topology_t topology) {
  Nodes nodes;
  ForEach(topology, HWLOC_OBJ_NUMANODE,
          [&](hwloc_obj_t node) { nodes.insert(static_cast<int>(node->os_index)); });
  return nodes;
}

Nodes AllowedNodes(hwloc_topology_t topology) {
  Nodes nodes;
  const hwloc_const_bitmap_t allowed = hwloc_topology_get_allowed_nodeset(topology);
  for (const int node : AllNodes(topology)) {
    if (hwloc_bitmap_isset(allowed, static_cast<unsigned>(node)) != 0) nodes.insert(node);
  }
  return nodes;
}

}  // namespace

CpuSet AllowedCpus(hwloc_topology* topology) {
  const int last = hwloc_bitmap_last(hwloc_topology_get_topology_cpuset(topology));
  if (last < 0 || last > kGreatestCpu) return {};
  const BitmapPtr cpus = NewBitmap();
  // The intersection: the allowed set may name CPUs that are offline.
  if (hwloc_bitmap_and(cpus.get(), hwloc_topology_get_allowed_cpuset(topology),
                       hwloc_topology_get_topology_cpuset(topology)) != 0)
    throw Error("hwloc_bitmap_and: out of memory");
  return ToCpuSet(cpus.get());
}

Machine DescribeMachine(hwloc_topology* topology, const CpuSet& usable) {
  Machine machine;
  machine.whole = Describe(topology, AllNodes(topology));
  const int online = static_cast<int>(machine.whole.pus.size());
  const CpuSet cpus = machine.whole.Cpus();
  // Kinds are those of the machine: a container may hold little cores alone.
  const std::optional<CpuSet> performance = PerformanceCpus(Kinds(topology), cpus);
  const Nodes allowed_nodes = AllowedNodes(topology);
  if (!usable.Empty()) {
    // hwloc 2.9.0 has an assertion that fails with other flags than 0.
    if (usable != cpus && hwloc_topology_restrict(topology, ToBitmap(usable).get(), 0) != 0)
      ThrowErrno("hwloc_topology_restrict", usable.ToList());
    machine.usable = Describe(topology, allowed_nodes);
  }
  for (Topology* part : {&machine.whole, &machine.usable}) {
    part->online_cpus = online;
    SetKinds(performance, *part);
  }
  return machine;
}

}  // namespace coresweep
