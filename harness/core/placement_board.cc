#include "harness/core/placement_board.h"

#include <algorithm>
#include <optional>
#include <tuple>

namespace coresweep {
namespace {

using Cores = std::vector<size_t>;

/// What a worker holds so far.
struct Hand {
  std::vector<size_t> pus;
  std::vector<bool> holds_pu, holds_core;
};

class Board {
 public:
  Board(const CoreMap& map, const SeatingRules& rules, const Homes& homes, size_t threads);
  Seating Seat();

 private:
  /// Cost of a PU, the first difference counts: workers on it; outside the object; on the worker's
  /// own core, a free one, another's; domains away; workers on its core.
  using Cost = std::tuple<int, bool, int, int, int>;

  [[nodiscard]] size_t FindRoom(size_t home) const;
  /// PUs of the next worker, on cores that nobody has.
  [[nodiscard]] std::vector<size_t> TakeCores(size_t object) const;
  /// PUs of the next worker where workers outnumber cores.
  [[nodiscard]] std::vector<size_t> TakePus(size_t object) const;
  void Occupy(const std::vector<size_t>& pus);

  [[nodiscard]] size_t FirstShare(size_t object) const;
  [[nodiscard]] Cores Pick(size_t object, size_t count) const;
  [[nodiscard]] Cores PickTogether(size_t object, size_t count) const;
  void AddNearest(size_t object, size_t count, Cores& cores) const;
  [[nodiscard]] size_t SpareCores(size_t object) const;
  [[nodiscard]] size_t OwnShare(size_t object) const;
  [[nodiscard]] Cores FreeCoresOf(const Cores& domain, size_t object,
                                  std::optional<CoreKind> kind) const;
  [[nodiscard]] bool LessCrowded(size_t a, size_t b, size_t finest) const;
  [[nodiscard]] size_t Capacity(size_t core) const;
  [[nodiscard]] size_t Capacity(const Cores& cores) const;
  [[nodiscard]] bool EnoughWithout(const Cores& cores) const;
  [[nodiscard]] std::vector<size_t> PusOf(const Cores& cores) const;
  [[nodiscard]] std::optional<size_t> PickPu(size_t object, const Hand& hand) const;

  const CoreMap& map_;
  const SeatingRules& rules_;
  const Homes& homes_;
  size_t threads_;
  size_t left_;                                      // workers still to be seated
  bool enough_cores_;                                // for a core of its own for each worker
  std::vector<int> pu_workers_;                      // on each PU
  std::vector<int> core_workers_;                    // with a PU of each core
  std::vector<std::vector<size_t>> domain_pus_;      // PUs taken in each domain of each level
  std::vector<size_t> free_cores_in_, free_pus_in_;  // each object
  std::vector<size_t> expected_;                     // workers to come to each object
  size_t free_cores_;
  size_t free_pus_;
  size_t free_capacity_ = 0;  // of free cores
  size_t widest_core_ = 1;    // capacity
};

Board::Board(const CoreMap& map, const SeatingRules& rules, const Homes& homes, size_t threads)
    : map_(map),
      rules_(rules),
      homes_(homes),
      threads_(threads),
      left_(homes.of_worker.size()),
      enough_cores_(left_ <= map.cores().size()),
      pu_workers_(map.pu_count(), 0),
      core_workers_(map.cores().size(), 0),
      free_cores_in_(homes.objects, 0),
      free_pus_in_(homes.objects, 0),
      expected_(homes.objects, 0),
      free_cores_(map.cores().size()),
      free_pus_(map.pu_count()) {
  for (size_t level = 0; level < map.levels(); ++level)
    domain_pus_.emplace_back(map.DomainsAt(level).size(), 0);
  for (size_t core = 0; core < map.cores().size(); ++core) {
    ++free_cores_in_[homes.object_of_core[core]];
    free_pus_in_[homes.object_of_core[core]] += map.cores()[core].pus.size();
    free_capacity_ += Capacity(core);
    widest_core_ = std::max(widest_core_, Capacity(core));
  }
  for (const size_t object : homes.of_worker)
    ++expected_[object];
}

Seating Board::Seat() {
  Seating seating;
  for (const size_t home : homes_.of_worker) {
    --expected_[home];
    const size_t object = FindRoom(home);
    seating.moved += object == home ? 0 : 1;
    const std::vector<size_t> pus = enough_cores_ ? TakeCores(object) : TakePus(object);
    Occupy(pus);
    --left_;
    std::vector<size_t> seats;
    for (size_t thread = 0; thread < threads_; ++thread)
      seats.push_back(pus[thread % pus.size()]);
    seating.workers.push_back(std::move(seats));
  }
  return seating;
}

/// The object itself if it has free cores, or the next that has; failing that for free PUs.
size_t Board::FindRoom(size_t home) const {
  if (homes_.planned && !enough_cores_ && free_pus_in_[home] > 0) return home;
  for (const std::vector<size_t>* free : {&free_cores_in_, &free_pus_in_}) {
    for (size_t step = 0; step < homes_.objects; ++step) {
      const size_t object = (home + step) % homes_.objects;
      if ((*free)[object] > 0) return object;
    }
  }
  return home;
}

size_t Board::Capacity(size_t core) const {
  return rules_.one_pu_per_core ? 1 : map_.cores()[core].pus.size();
}

size_t Board::Capacity(const Cores& cores) const {
  size_t capacity = 0;
  for (const size_t core : cores)
    capacity += Capacity(core);
  return capacity;
}

/// Whether the others' threads may find PUs on cores of their own when this worker takes `cores`.
bool Board::EnoughWithout(const Cores& cores) const {
  const size_t others = left_ - 1;
  const size_t cores_each = (threads_ + widest_core_ - 1) / widest_core_;
  return free_capacity_ - Capacity(cores) >= others * threads_ &&
         free_cores_ - cores.size() >= others * cores_each;
}

/// Free cores of its object for a worker, as many as for those that will come there.
size_t Board::OwnShare(size_t object) const {
  const size_t limit = free_cores_ - (left_ - 1);
  const size_t equal = free_cores_in_[object] / (expected_[object] + 1);
  return std::clamp<size_t>(equal, 1, std::min(threads_, limit));
}

/// Free cores of an object that the workers to come there will not need.
size_t Board::SpareCores(size_t object) const {
  const size_t needed = expected_[object] * threads_;
  return free_cores_in_[object] - std::min(free_cores_in_[object], needed);
}

/// How many cores a worker should get if that is as good as it looks.
size_t Board::FirstShare(size_t object) const {
  if (rules_.fill_cores) return 1;
  const size_t own = OwnShare(object);
  size_t spare = 0;
  for (size_t other = 0; other < homes_.objects; ++other)
    spare += other == object ? 0 : SpareCores(other);
  const size_t equal = std::min(threads_, free_cores_ / left_);
  return std::min(own + spare, std::max(own, equal));
}

std::vector<size_t> Board::TakeCores(size_t object) const {
  const size_t limit = free_cores_ - (left_ - 1);
  const size_t equal = free_cores_ / left_;
  size_t count = FirstShare(object);
  Cores cores = Pick(object, count);
  while (Capacity(cores) < threads_ && count < limit) {
    Cores more = Pick(object, ++count);
    if (count > equal && !EnoughWithout(more)) break;
    cores = std::move(more);
  }
  // Where cores differ in size a worker may need fewer than its share, and others more.
  for (size_t fewer = cores.size(); fewer > 1 && !EnoughWithout(cores); --fewer) {
    const Cores less = Pick(object, fewer - 1);
    if (Capacity(less) < threads_) break;
    if (EnoughWithout(less)) cores = less;
  }
  return PusOf(cores);
}

/// As many PUs as there are threads, if there are: one of each core before the second of any, or
/// core by core.
std::vector<size_t> Board::PusOf(const Cores& cores) const {
  std::vector<std::pair<size_t, size_t>> order;  // rank in the core or place of the core, PU
  for (size_t i = 0; i < cores.size(); ++i) {
    for (size_t rank = 0; rank < Capacity(cores[i]); ++rank)
      order.emplace_back(rules_.fill_cores ? i : rank, map_.cores()[cores[i]].pus[rank]);
  }
  std::stable_sort(order.begin(), order.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<size_t> pus;
  for (const auto& [rank, pu] : order) {
    if (pus.size() < threads_) pus.push_back(pu);
  }
  return pus;
}

/// `count` free cores: an own share of the object's, then the nearest, those first that no worker
/// to come needs.
Cores Board::Pick(size_t object, size_t count) const {
  const size_t own = homes_.objects == 1 ? count : std::min(count, OwnShare(object));
  Cores cores = PickTogether(object, std::min(own, free_cores_in_[object]));
  if (cores.size() < count) AddNearest(object, count, cores);
  return cores;
}

Cores Board::FreeCoresOf(const Cores& domain, size_t object, std::optional<CoreKind> kind) const {
  Cores free;
  for (const size_t core : domain) {
    const bool fits =
        homes_.object_of_core[core] == object && (!kind || map_.cores()[core].kind == *kind);
    if (core_workers_[core] == 0 && fits) free.push_back(core);
  }
  return free;
}

/// Whether there is less in the domains of core `a` than in those of `b`, coarse ones first.
bool Board::LessCrowded(size_t a, size_t b, size_t finest) const {
  for (size_t level = 0; level <= finest; ++level) {
    const size_t at_a = domain_pus_[level][map_.cores()[a].domains[level]];
    const size_t at_b = domain_pus_[level][map_.cores()[b].domains[level]];
    if (at_a != at_b) return at_a < at_b;
  }
  return false;
}

/// Free cores of the object from the smallest domain that has enough. Neighbours are of one kind if
/// that can be, for threads that wait for each other go at the pace of the slowest; big cores
/// first.
Cores Board::PickTogether(size_t object, size_t count) const {
  std::vector<std::optional<CoreKind>> kinds;
  if (map_.kinds().size() > 1) kinds.assign(map_.kinds().begin(), map_.kinds().end());
  kinds.emplace_back(std::nullopt);
  for (const std::optional<CoreKind> kind : kinds) {
    for (size_t level = map_.levels(); level-- > 0;) {
      Cores best;
      for (const Cores& domain : map_.DomainsAt(level)) {
        if (!best.empty() && !(rules_.scatter && LessCrowded(domain.front(), best.front(), level)))
          continue;
        Cores free = FreeCoresOf(domain, object, kind);
        if (free.size() >= count) best = std::move(free);
      }
      if (best.empty()) continue;
      best.resize(count);
      return best;
    }
  }
  return {};
}

void Board::AddNearest(size_t object, size_t count, Cores& cores) const {
  std::vector<bool> held(map_.cores().size(), false);
  for (const size_t core : cores)
    held[core] = true;
  std::vector<std::pair<int, size_t>> nearest;
  for (size_t core = 0; core < map_.cores().size(); ++core) {
    if (core_workers_[core] == 0 && !held[core])
      nearest.emplace_back(map_.Distance(cores.front(), core), core);
  }
  std::sort(nearest.begin(), nearest.end());
  std::vector<size_t> spare(homes_.objects, 0);
  for (size_t other = 0; other < homes_.objects; ++other)
    spare[other] = other == object ? 0 : SpareCores(other);
  for (const bool any : {false, true}) {
    for (const auto& [distance, core] : nearest) {
      size_t& spare_here = spare[homes_.object_of_core[core]];
      if (cores.size() == count || held[core] || (!any && spare_here == 0)) continue;
      if (!any) --spare_here;
      held[core] = true;
      cores.push_back(core);
    }
  }
}

/// The best PU that `hand` does not hold yet; none if that would be another worker's as well.
std::optional<size_t> Board::PickPu(size_t object, const Hand& hand) const {
  std::optional<size_t> best;
  Cost least;
  size_t best_core = 0;
  for (size_t core = 0; core < map_.cores().size(); ++core) {
    const bool own = hand.holds_core[core];
    if (own && rules_.one_pu_per_core) continue;
    int sharing = own ? 0 : 2;
    if (core_workers_[core] == 0) sharing = own ? 0 : 1;
    const int distance = hand.pus.empty() ? 0 : map_.Distance(map_.CoreOf(hand.pus.front()), core);
    const bool outside = homes_.object_of_core[core] != object;
    for (const size_t pu : map_.cores()[core].pus) {
      if (hand.holds_pu[pu]) continue;
      const Cost cost{pu_workers_[pu], outside, sharing, distance, core_workers_[core]};
      const bool better =
          !best || cost < least ||
          (cost == least && rules_.scatter && LessCrowded(core, best_core, map_.levels() - 1));
      if (!better) continue;
      best = pu;
      best_core = core;
      least = cost;
    }
  }
  if (best && !hand.pus.empty() && pu_workers_[*best] > 0) return std::nullopt;
  return best;
}

std::vector<size_t> Board::TakePus(size_t object) const {
  const size_t budget = std::clamp<size_t>(free_pus_ / left_, 1, threads_);
  Hand hand;
  hand.holds_pu.assign(map_.pu_count(), false);
  hand.holds_core.assign(map_.cores().size(), false);
  while (hand.pus.size() < budget) {
    const std::optional<size_t> pu = PickPu(object, hand);
    if (!pu) break;
    hand.pus.push_back(*pu);
    hand.holds_pu[*pu] = true;
    hand.holds_core[map_.CoreOf(*pu)] = true;
  }
  return std::move(hand.pus);
}

void Board::Occupy(const std::vector<size_t>& pus) {
  Cores cores;
  for (const size_t pu : pus) {
    const size_t core = map_.CoreOf(pu);
    cores.push_back(core);
    if (pu_workers_[pu]++ == 0) {
      --free_pus_;
      --free_pus_in_[homes_.object_of_core[core]];
    }
    for (size_t level = 0; level < map_.levels(); ++level)
      ++domain_pus_[level][map_.cores()[core].domains[level]];
  }
  std::sort(cores.begin(), cores.end());
  cores.erase(std::unique(cores.begin(), cores.end()), cores.end());
  for (const size_t core : cores) {
    if (core_workers_[core]++ > 0) continue;
    --free_cores_;
    --free_cores_in_[homes_.object_of_core[core]];
    free_capacity_ -= Capacity(core);
  }
}

}  // namespace

Seating SeatWorkers(const CoreMap& map, const SeatingRules& rules, const Homes& homes,
                    size_t threads) {
  return Board(map, rules, homes, threads).Seat();
}

}  // namespace coresweep
