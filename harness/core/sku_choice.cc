#include "harness/core/sku_choice.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string_view>

#include "harness/core/result.h"
#include "harness/core/statistics.h"

namespace coresweep {
namespace {

using Members = std::vector<const SkuCell*>;  ///< one configuration: a cell of each instance

template <typename Value>
double MedianOf(const Members& members, Value value) {
  std::vector<double> values;
  values.reserve(members.size());
  for (const SkuCell* cell : members)
    values.push_back(value(*cell));
  return Median(values).value_or(0);
}

/// nullopt where one of them has none.
std::optional<double> MedianOf(const Members& members, std::optional<double> SkuCell::*field) {
  const auto has = [field](const SkuCell* cell) { return (cell->*field).has_value(); };
  if (!std::all_of(members.begin(), members.end(), has)) return std::nullopt;
  return MedianOf(members, [field](const SkuCell& cell) { return *(cell.*field); });
}

bool IsWrong(std::string_view verdict) {
  constexpr std::array<std::string_view, 4> kWrong{"incorrect", "disordered", "failed",
                                                   "timed_out"};
  return std::find(kWrong.begin(), kWrong.end(), verdict) != kWrong.end();
}

bool IsTroubled(std::string_view verdict) {
  return verdict == "throttled" || verdict == "stolen" || verdict == "migrated";
}

std::string VerdictOf(const Members& members) {
  std::map<std::string, size_t> troubles;
  size_t ok = 0;
  size_t troubled = 0;
  for (const SkuCell* cell : members) {
    const std::string& verdict = cell->costed.verdict;
    if (IsWrong(verdict)) return verdict;
    if (verdict == "ok") ++ok;
    if (!IsTroubled(verdict)) continue;
    ++troubled;
    ++troubles[verdict];
  }
  if (2 * ok > members.size()) return "ok";
  if (troubled == 0 || 2 * (ok + troubled) <= members.size()) return "unstable";
  return std::max_element(troubles.begin(), troubles.end(),
                          [](const auto& a, const auto& b) { return a.second < b.second; })
      ->first;
}

SkuCandidate Joined(const Members& members) {
  SkuCandidate joined;
  const SkuCell& first = *members.front();
  joined.id = first.costed.id;
  joined.over = first.costed;
  joined.over.verdict = VerdictOf(members);
  joined.over.throughput = {
      MedianOf(members, [](const SkuCell& cell) { return cell.costed.throughput.value; }),
      std::nullopt, std::nullopt};
  joined.over.start_s = MedianOf(members, [](const SkuCell& cell) { return cell.costed.start_s; });
  for (const SkuCell* cell : members) {
    joined.over.slowest = std::min(joined.over.slowest, cell->costed.slowest);
    joined.over.fastest = std::max(joined.over.fastest, cell->costed.fastest);
  }
  joined.p50_us = MedianOf(members, &SkuCell::p50_us);
  joined.p99_us = MedianOf(members, &SkuCell::p99_us);
  if (!joined.p99_us) return joined;
  joined.worst_p99_us = 0;
  for (const SkuCell* cell : members)
    joined.worst_p99_us = std::max(*joined.worst_p99_us, *cell->p99_us);
  return joined;
}

/// What any of the searches chose; nullopt: not all instances were searched.
std::optional<std::set<std::string>> SearchedFor(const std::vector<InstanceCells>& instances) {
  std::set<std::string> chosen;
  for (const InstanceCells& instance : instances) {
    if (!instance.searched) return std::nullopt;
    chosen.insert(instance.choices.begin(), instance.choices.end());
  }
  return chosen;
}

/// One cell of each instance but `left_out`; empty where one of them lacks it.
Members MembersOf(const std::string& id, const std::vector<InstanceCells>& instances,
                  std::optional<size_t> left_out) {
  Members members;
  for (size_t i = 0; i < instances.size(); ++i) {
    if (left_out == i) continue;
    const auto found = instances[i].index.find(id);
    if (found == instances[i].index.end()) return {};
    members.push_back(&instances[i].cells[found->second]);
  }
  return members;
}

std::optional<size_t> Choose(const std::vector<SkuCandidate>& candidates,
                             std::optional<double> max_p99_us) {
  std::vector<size_t> origins;
  std::vector<CostedCell> may;
  for (size_t i = 0; i < candidates.size(); ++i) {
    const SkuCandidate& candidate = candidates[i];
    const bool within =
        !max_p99_us || (candidate.worst_p99_us && *candidate.worst_p99_us <= *max_p99_us);
    if (!within) continue;
    origins.push_back(i);
    may.push_back(candidate.over);
  }
  auto chosen = RecommendedOf(may);
  if (!chosen) {
    for (CostedCell& cell : may)
      if (cell.verdict == "unstable") cell.verdict = "ok";
    chosen = RecommendedOf(may);
  }
  if (!chosen) return std::nullopt;
  return origins[*chosen];
}

size_t CountAgreeing(const std::vector<InstanceCells>& instances, const std::string& id,
                     std::optional<double> max_p99_us) {
  if (instances.size() < 2) return 0;
  size_t agreeing = 0;
  for (size_t i = 0; i < instances.size(); ++i) {
    const auto others = Candidates(instances, i);
    const auto chosen = Choose(others, max_p99_us);
    if (chosen && others[*chosen].id == id) ++agreeing;
  }
  return agreeing;
}

}  // namespace

InstanceCells JoinReports(const std::vector<const SkuReport*>& reports) {
  std::map<std::string, Members> by_id;
  std::vector<std::string> order;
  InstanceCells joined;
  joined.searched = true;
  for (const SkuReport* report : reports) {
    joined.searched = joined.searched && report->searched;
    if (!report->choice.empty()) joined.choices.push_back(report->choice);
    for (const SkuCell& cell : report->cells) {
      Members& members = by_id[cell.costed.id];
      if (members.empty()) order.push_back(cell.costed.id);
      members.push_back(&cell);
    }
  }
  joined.cells.reserve(order.size());
  for (const std::string& id : order) {
    const Members& members = by_id[id];
    joined.index.emplace(id, joined.cells.size());
    if (members.size() == 1) {
      joined.cells.push_back(*members.front());
      continue;
    }
    const SkuCandidate over = Joined(members);
    joined.cells.push_back(
        {over.over, over.p50_us, over.p99_us, MedianOf(members, &SkuCell::speedup)});
  }
  return joined;
}

std::vector<SkuCandidate> Candidates(const std::vector<InstanceCells>& instances,
                                     std::optional<size_t> left_out) {
  std::vector<SkuCandidate> candidates;
  const auto searched = SearchedFor(instances);
  const size_t first = left_out == size_t{0} ? 1 : 0;
  if (first >= instances.size()) return candidates;
  for (const SkuCell& cell : instances[first].cells) {
    if (searched && !searched->contains(cell.costed.id)) continue;
    const Members members = MembersOf(cell.costed.id, instances, left_out);
    if (!members.empty()) candidates.push_back(Joined(members));
  }
  return candidates;
}

std::optional<SkuChoice> ChooseFor(const std::vector<InstanceCells>& instances,
                                   const std::vector<SkuCandidate>& candidates,
                                   std::optional<double> max_p99_us) {
  const auto chosen = Choose(candidates, max_p99_us);
  if (!chosen) return std::nullopt;
  const SkuCandidate& best = candidates[*chosen];
  SkuChoice choice{best.id, best.over.verdict, instances.size(), 0, {}};
  choice.agreeing = CountAgreeing(instances, best.id, max_p99_us);
  for (const SkuCandidate& other : candidates) {
    const double ratio = other.over.throughput.value / best.over.throughput.value;
    const bool within = !max_p99_us || (other.worst_p99_us && *other.worst_p99_us <= *max_p99_us);
    if (other.id != best.id && other.over.verdict == best.over.verdict && within &&
        ratio >= 1 - kAsGood)
      choice.as_good.push_back(other.id);
  }
  return choice;
}

}  // namespace coresweep
