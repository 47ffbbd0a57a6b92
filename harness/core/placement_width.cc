#include "harness/core/placement_width.h"

#include <algorithm>
#include <map>
#include <set>

namespace coresweep {
namespace {

/// Which PUs each worker holds.
class Holdings {
 public:
  Holdings(const CoreMap& map, const Seating& seating, const WidthRules& rules)
      : map_(map), rules_(rules), holders_(map.pu_count()), held_(seating.workers.size()) {
    for (size_t worker = 0; worker < seating.workers.size(); ++worker) {
      first_core_.push_back(map.CoreOf(seating.workers[worker].front()));
      for (const size_t pu : seating.workers[worker])
        Give(worker, pu);
    }
  }

  void WidenToCores();
  void WidenToObjects();

  [[nodiscard]] const std::set<size_t>& Of(size_t worker) const { return held_[worker]; }

 private:
  /// Free cores of an object, or the parts of cores that it has, and who is there.
  struct Estate {
    std::map<size_t, std::vector<size_t>> free;   // PUs by core
    std::map<size_t, std::set<size_t>> cores_of;  // by worker
  };

  void Give(size_t worker, size_t pu) {
    if (held_[worker].insert(pu).second) holders_[pu].push_back(worker);
  }
  void WidenOnCore(const CoreSite& core);
  void DealOut(Estate& estate);

  const CoreMap& map_;
  const WidthRules& rules_;
  std::vector<std::vector<size_t>> holders_;  // of each PU
  std::vector<std::set<size_t>> held_;        // by each worker
  std::vector<size_t> first_core_;            // of each worker
};

/// Each free PU goes to the worker that has the fewest on this core.
void Holdings::WidenOnCore(const CoreSite& core) {
  for (const size_t pu : core.pus) {
    if (!holders_[pu].empty()) continue;
    std::map<size_t, int> counts;  // PUs by worker
    for (const size_t other : core.pus) {
      const bool near =
          rules_.width == Width::kCore || rules_.object_of[other] == rules_.object_of[pu];
      for (const size_t worker : holders_[other])
        counts[worker] += near ? 1 : 0;
    }
    std::erase_if(counts, [](const auto& count) { return count.second == 0; });
    const auto least =
        std::min_element(counts.begin(), counts.end(),
                         [](const auto& a, const auto& b) { return a.second < b.second; });
    if (least != counts.end()) Give(least->first, pu);
  }
}

void Holdings::WidenToCores() {
  if (rules_.one_pu_per_core) return;
  for (const CoreSite& core : map_.cores())
    WidenOnCore(core);
}

/// Core by core to the worker that has the fewest of this object, the one nearest to it.
void Holdings::DealOut(Estate& estate) {
  while (!estate.free.empty() && !estate.cores_of.empty()) {
    const auto poorest = std::min_element(
        estate.cores_of.begin(), estate.cores_of.end(),
        [](const auto& a, const auto& b) { return a.second.size() < b.second.size(); });
    const size_t from = first_core_[poorest->first];
    const auto nearest =
        std::min_element(estate.free.begin(), estate.free.end(), [&](const auto& a, const auto& b) {
          return map_.Distance(from, a.first) < map_.Distance(from, b.first);
        });
    for (const size_t pu : nearest->second) {
      Give(poorest->first, pu);
      if (rules_.one_pu_per_core) break;
    }
    poorest->second.insert(nearest->first);
    estate.free.erase(nearest);
  }
}

void Holdings::WidenToObjects() {
  std::map<size_t, Estate> estates;
  for (size_t core = 0; core < map_.cores().size(); ++core) {
    std::set<size_t> taken;  // objects with a worker on this core
    for (const size_t pu : map_.cores()[core].pus) {
      const size_t object = rules_.object_of[pu];
      if (!holders_[pu].empty()) taken.insert(object);
      for (const size_t worker : holders_[pu])
        estates[object].cores_of[worker].insert(core);
    }
    for (const size_t pu : map_.cores()[core].pus) {
      const size_t object = rules_.object_of[pu];
      if (object != kNoObject && !taken.contains(object)) estates[object].free[core].push_back(pu);
    }
  }
  for (auto& [object, estate] : estates)
    DealOut(estate);
}

/// The PUs that thread on `seat` may use, of those that its worker holds.
bool InReach(const CoreMap& map, Width width, size_t seat, size_t pu) {
  if (width == Width::kPu) return pu == seat;
  return width == Width::kObject || map.CoreOf(pu) == map.CoreOf(seat);
}

WorkerPlace PlaceOf(const Topology& topology, const CoreMap& map, const WidthRules& rules,
                    const std::vector<size_t>& seats, const std::set<size_t>& held) {
  WorkerPlace place;
  std::set<int> nodes;
  for (const size_t pu : held) {
    place.cpus.Add(topology.pus[pu].os_index);
    if (topology.pus[pu].numa_node >= 0) nodes.insert(topology.pus[pu].numa_node);
  }
  place.numa_nodes.assign(nodes.begin(), nodes.end());
  std::map<size_t, CpuSet> by_seat;
  for (const size_t seat : seats) {
    CpuSet& cpus = by_seat[seat];
    if (cpus.Empty()) {
      for (const size_t pu : held) {
        if (InReach(map, rules.width, seat, pu)) cpus.Add(topology.pus[pu].os_index);
      }
    }
    place.threads.push_back(cpus);
  }
  return place;
}

}  // namespace

std::vector<WorkerPlace> WidenSeats(const Topology& topology, const CoreMap& map,
                                    const Seating& seating, const WidthRules& rules) {
  Holdings holdings(map, seating, rules);
  if (rules.width != Width::kPu) holdings.WidenToCores();
  if (rules.width == Width::kObject) holdings.WidenToObjects();
  std::vector<WorkerPlace> places;
  places.reserve(seating.workers.size());
  for (size_t worker = 0; worker < seating.workers.size(); ++worker)
    places.push_back(PlaceOf(topology, map, rules, seating.workers[worker], holdings.Of(worker)));
  return places;
}

}  // namespace coresweep
