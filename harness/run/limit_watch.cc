#include "harness/run/limit_watch.h"

#include <fmt/format.h>

#include "harness/host/cgroup.h"

namespace coresweep {
namespace {

std::string QuotaText(const std::optional<double>& quota) {
  return quota ? fmt::format("{:.6g} CPUs", *quota) : "none";
}

}  // namespace

CpuLimits ReadCpuLimits() {
  CpuLimits limits{GetAffinity(), std::nullopt};
  if (const auto quota = ReadCgroups().cpu_quota) limits.cpu_quota = quota->value;
  return limits;
}

std::vector<std::string> Changes(const CpuLimits& planned, const CpuLimits& found) {
  std::vector<std::string> warnings;
  if (found.affinity != planned.affinity) {
    warnings.push_back(
        fmt::format("the allowed CPUs changed during the sweep from {} to {} (a cpuset was "
                    "rewritten or taskset "
                    "used): run the sweep again, with CPUs that are given to this container alone",
                    planned.affinity.ToList(), found.affinity.ToList()));
  }
  if (found.cpu_quota != planned.cpu_quota) {
    warnings.push_back(
        fmt::format("the CPU quota changed during the sweep from {} to {}: run the sweep again",
                    QuotaText(planned.cpu_quota), QuotaText(found.cpu_quota)));
  }
  return warnings;
}

}  // namespace coresweep
