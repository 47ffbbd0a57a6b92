// Limits that change under a sweep: orchestrators rewrite cpusets and quotas of running containers.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/base/cpu_set.h"

namespace coresweep {

/// What a trial was planned for, or found at its end.
struct CpuLimits {
  CpuSet affinity;                  ///< of this process
  std::optional<double> cpu_quota;  ///< CPUs' worth of time
};

/// Reads both anew.
CpuLimits ReadCpuLimits();

/// A warning for each limit that differs, with the remedy.
std::vector<std::string> Changes(const CpuLimits& planned, const CpuLimits& found);

}  // namespace coresweep
