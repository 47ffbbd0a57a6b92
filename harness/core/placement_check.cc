#include "harness/core/placement_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "harness/base/cpu_set.h"

namespace coresweep {
namespace {

/// Variables by which OpenMP runtimes bind threads themselves.
constexpr std::array<std::string_view, 4> kBindingVariables{"OMP_PROC_BIND", "OMP_PLACES",
                                                            "GOMP_CPU_AFFINITY", "KMP_AFFINITY"};

CpuSet Parsed(const std::string& list) {
  return CpuSet::Parse(list).value_or(CpuSet());
}

/// CPUs of `masks` that are not in `allowed`.
CpuSet Outside(const std::vector<MaskGroup>& masks, const CpuSet& allowed) {
  CpuSet outside;
  for (const MaskGroup& group : masks) {
    for (const int cpu : Parsed(group.cpus).ToVector())
      if (!allowed.Contains(cpu)) outside.Add(cpu);
  }
  return outside;
}

}  // namespace

std::string PlacementDifference(const WorkerMeasurement& worker) {
  const auto& requested = worker.threads_requested_cpus;
  const auto& effective = worker.at_end.thread_cpus;
  for (size_t i = 0; i < effective.size(); ++i) {
    const std::string& wanted = i < requested.size() ? requested[i] : worker.cpus_requested;
    if (effective[i] == wanted || wanted.empty()) continue;
    return fmt::format("ran thread {} on CPUs {} instead of {}", i, effective[i], wanted);
  }
  if (worker.cpus_requested.empty()) return "";
  const CpuSet outside = Outside(worker.at_end.masks, Parsed(worker.cpus_requested));
  if (outside.Empty()) return "";
  return fmt::format("had threads on CPUs {} besides its own, {}", outside.ToList(),
                     worker.cpus_requested);
}

std::string DisplacementCause(const SweepResult& sweep, const TrialResult& trial) {
  const auto& warnings = trial.measurement.warnings;
  const auto change = std::find_if(warnings.begin(), warnings.end(), [](const std::string& text) {
    return text.starts_with("the allowed CPUs changed");
  });
  if (change != warnings.end()) return *change;
  const bool gnu = sweep.runtime.openmp_library.find("gomp") != std::string::npos;
  std::string set;
  for (const auto& [name, value] : sweep.facts.system.environment) {
    if (gnu && name.starts_with("KMP_")) continue;  // not read by it
    if (std::find(kBindingVariables.begin(), kBindingVariables.end(), name) ==
        kBindingVariables.end()) {
      continue;
    }
    fmt::format_to(std::back_inserter(set), "{}{}={}", set.empty() ? "" : " ", name, value);
  }
  if (!set.empty()) {
    return fmt::format("OpenMP binds its threads itself, as told by {}; unset that", set);
  }
  return "a library binds its threads itself, or the cpuset of this container was rewritten";
}

}  // namespace coresweep
