#include "harness/core/cpu_figures.h"

#include <fmt/format.h>

namespace coresweep {
namespace {

std::optional<double> Known(int count) {
  return count > 0 ? std::optional<double>(count) : std::nullopt;
}

std::string AllowedSource(const HostFacts& facts) {
  if (!facts.foreign.empty()) return facts.foreign;
  std::string source = "sched_getaffinity and hwloc";
  if (facts.cpuset) source += fmt::format("; cpuset {}", facts.cpuset->source);
  return source;
}

std::string QuotaSource(const HostFacts& facts) {
  if (facts.cpu_quota) return facts.cpu_quota->source;
  if (facts.cgroup_version == 0) return "no cgroup of the cpu controller is visible";
  return fmt::format("none in cgroup v{}{}", facts.cgroup_version,
                     facts.cpu_hidden_above ? ", as far as can be seen" : "");
}

CpuFigure Measured(const HostFacts& facts) {
  if (!facts.measured) return {"measured", std::nullopt, "not measured"};
  return {"measured", facts.measured->cpus,
          fmt::format("spin test, {} thread{} for {:.2g} s", facts.measured->threads,
                      facts.measured->threads == 1 ? "" : "s", facts.measured->seconds)};
}

}  // namespace

std::vector<CpuFigure> CpuFigures(const HostFacts& facts) {
  enum { kAllowed = 2, kQuota = 3, kMeasured = 4 };
  std::vector<CpuFigure> figures = {
      {"nominal", Known(facts.present_cpus), "/sys/devices/system/cpu/present"},
      {"visible", Known(facts.visible_cpus), "/sys/devices/system/cpu/online"},
      {"allowed", Known(facts.allowed.Count()), AllowedSource(facts)},
      {"quota", facts.cpu_quota ? std::optional(facts.cpu_quota->value) : std::nullopt,
       QuotaSource(facts)},
      Measured(facts)};
  const bool quota_binds = facts.cpu_quota && facts.cpu_quota->value < facts.allowed.Count();
  figures[facts.MeasuredBinds() ? kMeasured : (quota_binds ? kQuota : kAllowed)].binds = true;
  return figures;
}

}  // namespace coresweep
