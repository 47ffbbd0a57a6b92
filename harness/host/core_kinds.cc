#include "harness/host/core_kinds.h"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace coresweep {
namespace {

/// Of one sort of core the best specimens run up to a tenth faster; the little cores of mixed
/// machines reach at most three quarters of the big ones.
constexpr double kSameSort = 1.15;

CpuSet UnionFrom(const std::vector<CpuKind>& kinds, size_t first) {
  CpuSet cpus;
  for (size_t kind = first; kind < kinds.size(); ++kind)
    cpus = cpus.Union(kinds[kind].cpus);
  return cpus;
}

bool AllHave(const std::vector<CpuKind>& kinds, const std::string& info) {
  return std::all_of(kinds.begin(), kinds.end(),
                     [&](const CpuKind& kind) { return kind.infos.contains(info); });
}

/// Intel's names: IntelCore is big; IntelAtom, IntelLowPower and whatever follows are not.
CpuSet BigByCoreType(const std::vector<CpuKind>& kinds) {
  CpuSet cpus;
  for (const CpuKind& kind : kinds) {
    if (kind.infos.at("CoreType") == "IntelCore") cpus = cpus.Union(kind.cpus);
  }
  return cpus;
}

/// `info` of each kind as a number; empty when one has none, or when the numbers contradict the
/// rank.
std::vector<double> Figures(const std::vector<CpuKind>& kinds, const std::string& info) {
  if (!AllHave(kinds, info)) return {};
  std::vector<double> figures;
  figures.reserve(kinds.size());
  for (const CpuKind& kind : kinds) {
    const std::string& text = kind.infos.at(info);
    int figure = 0;
    std::from_chars(text.data(), text.data() + text.size(), figure);
    if (figure <= 0 || (!figures.empty() && figure < figures.back())) return {};
    figures.push_back(figure);
  }
  return figures;
}

/// The first kind above the widest relative gap; 0 when no gap is wide enough to be one between
/// sorts.
size_t WidestGap(const std::vector<double>& figures) {
  size_t best = 0;
  double widest = kSameSort;
  for (size_t kind = 1; kind < figures.size(); ++kind) {
    const double gap = figures[kind] / figures[kind - 1];
    if (gap < widest) continue;
    best = kind;
    widest = gap;
  }
  return best;
}

/// The first kind of big cores among ranked ones; 0 when all are one sort.
size_t FirstBigKind(const std::vector<CpuKind>& kinds) {
  bool known = false;
  for (const char* info : {"LinuxCapacity", "FrequencyMaxMHz"}) {
    const std::vector<double> figures = Figures(kinds, info);
    if (const size_t first = WidestGap(figures); first > 0) return first;
    known = known || !figures.empty();
  }
  return known ? 0 : kinds.size() - 1;
}

}  // namespace

std::optional<CpuSet> PerformanceCpus(const std::vector<CpuKind>& kinds, const CpuSet& cpus) {
  if (kinds.size() < 2 || UnionFrom(kinds, 0).Intersect(cpus) != cpus) return std::nullopt;
  CpuSet big;
  if (AllHave(kinds, "CoreType")) {
    big = BigByCoreType(kinds);
  } else if (std::all_of(kinds.begin(), kinds.end(),
                         [](const CpuKind& kind) { return kind.efficiency >= 0; })) {
    if (const size_t first = FirstBigKind(kinds); first > 0) big = UnionFrom(kinds, first);
  }
  big = big.Intersect(cpus);
  if (big.Empty() || big == cpus) return std::nullopt;
  return big;
}

}  // namespace coresweep
