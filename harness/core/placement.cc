#include "harness/core/placement.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>

#include "harness/base/error.h"

namespace coresweep {
namespace {

/// Nested domains, coarse to fine: machine, package, then NUMA node and L3 in the order in which
/// they nest (on some machines a node holds several L3s, on others an L3 several nodes).
constexpr size_t kLevels = 4;

template <typename T>
using PerLevel = std::array<T, kLevels>;

struct Core {
  std::vector<int> pus;    // OS indexes in hwloc's order
  std::vector<int> loads;  // threads placed on each of them
  PerLevel<size_t> domain{};
  int workers = 0;  // that have a thread here
};

struct Domain {
  std::vector<size_t> cores;
  int threads = 0;  // placed in it
};

/// One PU: its core and its position there.
struct Spot {
  size_t core = 0;
  size_t pu = 0;
  auto operator<=>(const Spot&) const = default;
};

size_t CountDistinct(const std::vector<Pu>& pus, int Pu::*index) {
  std::set<int> values;
  for (const Pu& pu : pus)
    values.insert(pu.*index);
  return values.size();
}

/// Hands out PUs worker by worker. A worker first gets whole cores that nobody uses, all from the
/// smallest domain that has enough; what these cannot hold goes to the nearest PUs that are free.
class Board {
 public:
  Board(const Topology& topology, bool scatter);

  [[nodiscard]] int FreeCores() const;
  /// CPUs of the next worker: `threads` different ones if there are as many, on `core_budget` free
  /// cores as far as they go.
  CpuSet PlaceWorker(int threads, int core_budget);

 private:
  /// What one worker holds so far.
  struct Hand {
    std::set<Spot> spots;
    std::set<size_t> cores;
    size_t first_core = 0;
  };

  size_t AddCore(const PerLevel<int>& place);
  [[nodiscard]] std::vector<size_t> PickFreeCores(size_t count) const;
  [[nodiscard]] std::vector<size_t> FreeCoresOf(const Domain& domain) const;
  [[nodiscard]] PerLevel<int> Crowding(const Core& core, size_t finest) const;
  [[nodiscard]] Spot PickSpot(const Hand& hand) const;
  [[nodiscard]] int Distance(const Core& a, const Core& b) const;
  void Take(const Spot& spot, Hand& hand);

  bool scatter_;
  size_t pu_count_;
  std::vector<Core> cores_;
  PerLevel<std::vector<Domain>> domains_;
  PerLevel<std::map<std::vector<int>, size_t>> domain_of_place_;
};

Board::Board(const Topology& topology, bool scatter)
    : scatter_(scatter), pu_count_(topology.pus.size()) {
  const bool numa_is_finer =
      CountDistinct(topology.pus, &Pu::numa_node) > CountDistinct(topology.pus, &Pu::l3);
  std::map<int, size_t> core_of_index;
  for (const Pu& pu : topology.pus) {
    const PerLevel<int> place{0, pu.package, numa_is_finer ? pu.l3 : pu.numa_node,
                              numa_is_finer ? pu.numa_node : pu.l3};
    const auto known = core_of_index.find(pu.core);
    const bool new_core = pu.core < 0 || known == core_of_index.end();
    const size_t core = new_core ? AddCore(place) : known->second;
    if (pu.core >= 0) core_of_index[pu.core] = core;
    cores_[core].pus.push_back(pu.os_index);
    cores_[core].loads.push_back(0);
  }
}

size_t Board::AddCore(const PerLevel<int>& place) {
  Core core;
  std::vector<int> prefix;
  for (size_t level = 0; level < kLevels; ++level) {
    prefix.push_back(place[level]);
    const auto [entry, is_new] =
        domain_of_place_[level].try_emplace(prefix, domains_[level].size());
    if (is_new) domains_[level].emplace_back();
    core.domain[level] = entry->second;
    domains_[level][entry->second].cores.push_back(cores_.size());
  }
  cores_.push_back(std::move(core));
  return cores_.size() - 1;
}

int Board::FreeCores() const {
  return static_cast<int>(FreeCoresOf(domains_[0].front()).size());
}

std::vector<size_t> Board::FreeCoresOf(const Domain& domain) const {
  std::vector<size_t> free;
  for (const size_t core : domain.cores) {
    if (cores_[core].workers == 0) free.push_back(core);
  }
  return free;
}

/// For scatter: how many threads are in the domains of `core`, coarse ones first; compact does not
/// mind and goes by order.
PerLevel<int> Board::Crowding(const Core& core, size_t finest) const {
  PerLevel<int> threads{};
  for (size_t level = 0; scatter_ && level <= finest; ++level)
    threads[level] = domains_[level][core.domain[level]].threads;
  return threads;
}

std::vector<size_t> Board::PickFreeCores(size_t count) const {
  std::vector<size_t> best;
  for (size_t level = kLevels; level-- > 0 && best.empty();) {
    PerLevel<int> least{};
    for (const Domain& domain : domains_[level]) {
      std::vector<size_t> free = FreeCoresOf(domain);
      if (free.size() < count) continue;
      const PerLevel<int> crowding = Crowding(cores_[domain.cores.front()], level);
      if (!best.empty() && crowding >= least) continue;
      best = std::move(free);
      least = crowding;
    }
  }
  best.resize(std::min(best.size(), count));
  return best;
}

/// Domains that have to be left to come from `a` to `b`.
int Board::Distance(const Core& a, const Core& b) const {
  int distance = 0;
  for (size_t level = 0; level < kLevels; ++level)
    distance += a.domain[level] == b.domain[level] ? 0 : 1;
  return distance;
}

/// The best PU that `hand` does not hold yet: a free PU before a used one, then a core of its own,
/// then a core of nobody, then one that is shared; of these the nearest and the least shared.
Spot Board::PickSpot(const Hand& hand) const {
  Spot best;
  bool found = false;
  std::tuple<int, int, int, int, PerLevel<int>> least;
  for (Spot spot; spot.core < cores_.size(); ++spot.core) {
    const Core& core = cores_[spot.core];
    const int sharing = hand.cores.contains(spot.core) ? 0 : core.workers == 0 ? 1 : 2;
    const int distance = hand.cores.empty() ? 0 : Distance(cores_[hand.first_core], core);
    const PerLevel<int> crowding = Crowding(core, kLevels - 1);
    for (spot.pu = 0; spot.pu < core.pus.size(); ++spot.pu) {
      const std::tuple cost{core.loads[spot.pu], sharing, distance, core.workers, crowding};
      if ((found && cost >= least) || hand.spots.contains(spot)) continue;
      best = spot;
      least = cost;
      found = true;
    }
  }
  return best;
}

void Board::Take(const Spot& spot, Hand& hand) {
  Core& core = cores_[spot.core];
  if (hand.cores.empty()) hand.first_core = spot.core;
  if (hand.cores.insert(spot.core).second) ++core.workers;
  hand.spots.insert(spot);
  ++core.loads[spot.pu];
  for (size_t level = 0; level < kLevels; ++level)
    ++domains_[level][core.domain[level]].threads;
}

CpuSet Board::PlaceWorker(int threads, int core_budget) {
  const size_t wanted = std::min(static_cast<size_t>(threads), pu_count_);
  Hand hand;
  // One PU of each core before the second of any.
  const std::vector<size_t> own = PickFreeCores(static_cast<size_t>(core_budget));
  size_t before = 0;
  for (size_t pu = 0; pu == 0 || hand.spots.size() > before; ++pu) {
    before = hand.spots.size();
    for (const size_t core : own) {
      if (pu < cores_[core].pus.size() && hand.spots.size() < wanted) Take({core, pu}, hand);
    }
  }
  while (hand.spots.size() < wanted)
    Take(PickSpot(hand), hand);
  CpuSet cpus;
  for (const Spot& spot : hand.spots)
    cpus.Add(cores_[spot.core].pus[spot.pu]);
  return cpus;
}

PlacementShape AtLeastOne(const Topology& topology, PlacementShape shape) {
  if (topology.pus.empty()) throw Error("no CPU may be used: nowhere to place a worker");
  return {std::max(1, shape.workers), std::max(1, shape.threads)};
}

bool Oversubscribed(const Topology& topology, PlacementShape shape) {
  const auto asked = static_cast<size_t>(shape.workers) * static_cast<size_t>(shape.threads);
  return asked > topology.pus.size();
}

Placement PlaceNone(const Topology& topology, PlacementShape asked) {
  const PlacementShape shape = AtLeastOne(topology, asked);
  CpuSet all;
  for (const Pu& pu : topology.pus)
    all.Add(pu.os_index);
  return {std::vector<CpuSet>(static_cast<size_t>(shape.workers), all),
          Oversubscribed(topology, shape)};
}

Placement PlaceOnBoard(const Topology& topology, PlacementShape asked, bool scatter) {
  const PlacementShape shape = AtLeastOne(topology, asked);
  Board board(topology, scatter);
  Placement placement;
  placement.oversubscribed = Oversubscribed(topology, shape);
  for (int left = shape.workers; left > 0; --left) {
    // An equal share of the cores that are left, so that workers share cores only when they must:
    // where threads outnumber cores, those of one worker use the hardware threads of its own.
    const int core_budget = std::clamp(board.FreeCores() / left, 1, shape.threads);
    placement.workers.push_back(board.PlaceWorker(shape.threads, core_budget));
  }
  return placement;
}

Placement PlaceCompact(const Topology& topology, PlacementShape shape) {
  return PlaceOnBoard(topology, shape, false);
}

Placement PlaceScatter(const Topology& topology, PlacementShape shape) {
  return PlaceOnBoard(topology, shape, true);
}

constexpr PlacementPolicy kPolicies[] = {
    {"none", "every worker on all allowed CPUs; the scheduler decides", PlaceNone},
    {"compact", "neighbours first: cores that share caches, hardware threads of a core last",
     PlaceCompact},
    {"scatter", "as far apart as possible: over packages, NUMA nodes, caches, then cores",
     PlaceScatter},
};

}  // namespace

std::span<const PlacementPolicy> PlacementPolicies() {
  return kPolicies;
}

const PlacementPolicy* FindPlacementPolicy(std::string_view name) {
  if (name == "close") name = "compact";
  if (name == "spread") name = "scatter";
  for (const PlacementPolicy& policy : kPolicies) {
    if (policy.name == name) return &policy;
  }
  return nullptr;
}

}  // namespace coresweep
