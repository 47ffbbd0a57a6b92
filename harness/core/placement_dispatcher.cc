#include "harness/core/placement_dispatcher.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace coresweep {

DispatcherSearch::DispatcherSearch(const Topology& topology, const CoreMap& map,
                                   const Placement& placement)
    : topology_(topology),
      map_(map),
      workers_on_(topology.pus.size(), 0),
      is_first_(map.cores().size(), false) {
  constexpr size_t kNowhere = static_cast<size_t>(-1);
  std::vector<size_t> position;  // of CPUs by OS index
  for (size_t pu = 0; pu < topology.pus.size(); ++pu) {
    const auto cpu = static_cast<size_t>(topology.pus[pu].os_index);
    position.resize(std::max(position.size(), cpu + 1), kNowhere);
    position[cpu] = pu;
  }
  const auto find = [&](int cpu) {
    const auto index = static_cast<size_t>(cpu);
    return index < position.size() ? position[index] : kNowhere;
  };
  for (const WorkerPlace& worker : placement.workers) {
    for (const int cpu : worker.cpus.ToVector()) {
      const size_t pu = find(cpu);
      if (pu == kNowhere) continue;
      ++workers_on_[pu];
      if (&worker == &placement.workers.front()) is_first_[map.CoreOf(pu)] = true;
    }
  }
  const size_t seat = find(placement.workers.front().threads.front().ToVector().front());
  if (seat != kNowhere) first_core_ = map.CoreOf(seat);
}

int DispatcherSearch::DistanceOf(size_t core) const {
  return is_first_[core] ? 0 : 1 + map_.Distance(first_core_, core);
}

CpuSet DispatcherSearch::WholeCore(size_t core) const {
  CpuSet cpus;
  for (const size_t pu : map_.cores()[core].pus)
    cpus.Add(topology_.pus[pu].os_index);
  return cpus;
}

CpuSet DispatcherSearch::FreeCore() const {
  std::optional<size_t> best;
  for (size_t core = 0; core < map_.cores().size(); ++core) {
    const std::vector<size_t>& pus = map_.cores()[core].pus;
    const bool free =
        std::all_of(pus.begin(), pus.end(), [&](size_t pu) { return workers_on_[pu] == 0; });
    if (free && (!best || DistanceOf(core) < DistanceOf(*best))) best = core;
  }
  return best ? WholeCore(*best) : CpuSet();
}

CpuSet DispatcherSearch::FreePu() const {
  std::optional<size_t> best;
  for (size_t pu = 0; pu < workers_on_.size(); ++pu) {
    if (workers_on_[pu] > 0) continue;
    if (!best || DistanceOf(map_.CoreOf(pu)) < DistanceOf(map_.CoreOf(*best))) best = pu;
  }
  return best ? CpuSet{topology_.pus[*best].os_index} : CpuSet();
}

CpuSet DispatcherSearch::LeastUsedPu() const {
  const auto cost = [&](size_t pu) {
    return std::pair(workers_on_[pu], DistanceOf(map_.CoreOf(pu)));
  };
  size_t best = 0;
  for (size_t pu = 1; pu < workers_on_.size(); ++pu) {
    if (cost(pu) < cost(best)) best = pu;
  }
  return {topology_.pus[best].os_index};
}

bool DispatcherSearch::SharesCore(const CpuSet& cpus) const {
  for (const CoreSite& core : map_.cores()) {
    const bool here = std::any_of(core.pus.begin(), core.pus.end(), [&](size_t pu) {
      return cpus.Contains(topology_.pus[pu].os_index);
    });
    const bool worker_here = std::any_of(core.pus.begin(), core.pus.end(),
                                         [&](size_t pu) { return workers_on_[pu] > 0; });
    if (here && worker_here) return true;
  }
  return false;
}

bool DispatcherSearch::AllTaken() const {
  return std::all_of(workers_on_.begin(), workers_on_.end(), [](int count) { return count > 0; });
}

}  // namespace coresweep
