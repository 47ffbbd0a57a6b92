#include "harness/core/host_facts.h"

#include <fmt/format.h>

#include <algorithm>

namespace coresweep {

int HostFacts::UsableCpus() const {
  const int cpus = allowed.Count();
  // Compared before the cast: a quota may exceed every int.
  if (!cpu_quota || cpu_quota->value >= cpus) return std::max(1, cpus);
  return std::max(1, static_cast<int>(cpu_quota->value));
}

std::string HostFacts::BindingLimit() const {
  const int cpus = allowed.Count();
  if (cpu_quota && cpu_quota->value < cpus) {
    return fmt::format("quota of {:.6g} CPU{} ({})", cpu_quota->value,
                       cpu_quota->value == 1 ? "" : "s", cpu_quota->source);
  }
  return fmt::format("{} allowed CPU{}", cpus, cpus == 1 ? "" : "s");
}

uint64_t HostFacts::UsableMemoryBytes() const {
  if (!memory_limit_bytes) return memory_total_bytes;
  // A limit above what the machine has gives nothing more; a total of 0 is not known.
  if (memory_total_bytes == 0) return memory_limit_bytes->value;
  return std::min(memory_limit_bytes->value, memory_total_bytes);
}

}  // namespace coresweep
