#include "harness/core/host_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace coresweep {

namespace {

// A spin test on a quiet machine falls short by a per cent or two; a hidden limit by much more.
constexpr double kMeasuredShort = 0.9;
constexpr double kMeasuredSlack = 0.1;

}  // namespace

double HostFacts::DeclaredCpus() const {
  const double cpus = allowed.Count();
  return cpu_quota ? std::min(cpu_quota->value, cpus) : cpus;
}

bool HostFacts::MeasuredBinds() const {
  // A test with fewer threads than CPUs found a lower bound only.
  return measured && measured->threads >= allowed.Count() &&
         measured->cpus < kMeasuredShort * DeclaredCpus();
}

int HostFacts::UsableCpus() const {
  const double cpus = MeasuredBinds() ? measured->cpus + kMeasuredSlack : DeclaredCpus();
  return std::max(1, static_cast<int>(cpus));
}

int HostFacts::MostCpus() const {
  const double cpus = MeasuredBinds() ? measured->cpus - kMeasuredSlack : DeclaredCpus();
  return std::max(UsableCpus(), static_cast<int>(std::ceil(cpus)));
}

std::string HostFacts::BindingLimit() const {
  const int cpus = allowed.Count();
  if (MeasuredBinds()) {
    return fmt::format("{:.2f} CPUs that a spin test got, of {:.6g} as read", measured->cpus,
                       DeclaredCpus());
  }
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
