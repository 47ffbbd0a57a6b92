// Which cores of a machine are its big ones.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/cpu_set.h"

namespace coresweep {

/// CPUs that are alike, as hwloc tells them apart; a list of them is in hwloc's order, the least
/// able first where they are ranked.
struct CpuKind {
  CpuSet cpus;
  int efficiency = -1;                       ///< rank; -1: unknown
  std::map<std::string, std::string> infos;  ///< "CoreType", "FrequencyMaxMHz", "LinuxCapacity"
};

/// The performance CPUs of a machine that mixes two sorts of core; the rest of `cpus` are its
/// efficiency CPUs. nullopt when it has one sort or does not say: fewer than two kinds, a CPU of
/// none, unranked kinds, or ones whose capacity and highest frequency differ by less than 15 %
/// (cores that the maker favours in turbo mode). The maker's own word (`CoreType`) decides if
/// present; more than two ranked kinds are split at the widest relative gap of capacity or
/// frequency, or, where these are not known, below the highest-ranked kind.
std::optional<CpuSet> PerformanceCpus(const std::vector<CpuKind>& kinds, const CpuSet& cpus);

}  // namespace coresweep
