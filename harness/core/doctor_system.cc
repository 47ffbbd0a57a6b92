#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "harness/core/doctor_rules.h"

namespace coresweep {
namespace {

using Found = std::optional<Finding>;

constexpr double kSlowClockNs = 200;
constexpr double kMuchSteal = 0.01;
constexpr double kVeryMuchSteal = 0.05;

/// The probe of that name if it failed, else nullptr.
const Probe* Failed(const HostFacts& facts, std::string_view name) {
  for (const Probe& probe : facts.system.probes) {
    if (probe.name == name) return probe.available ? nullptr : &probe;
  }
  return nullptr;
}

Found PinningRefused(const HostFacts& facts) {
  const Probe* probe = Failed(facts, "pinning");
  if (probe == nullptr) return std::nullopt;
  return Finding{"pinning-refused", kProblem,
                 fmt::format("threads cannot be bound to CPUs here ({})", probe->detail),
                 "use the placement none alone; every other one will fail or have no effect"};
}

Found SlowClock(const HostFacts& facts) {
  constexpr std::array<std::string_view, 8> kFast = {"tsc",
                                                     "kvm-clock",
                                                     "hyperv_clocksource_tsc_page",
                                                     "arch_sys_counter",
                                                     "arch_mem_timer",
                                                     "timebase",
                                                     "tod",
                                                     "riscv_clocksource"};
  const SystemFacts& system = facts.system;
  const std::string_view source = system.clock_source;
  const bool costly = system.clock_cost_ns && *system.clock_cost_ns > kSlowClockNs;
  const bool odd = !system.clock_cost_ns && !source.empty() &&
                   std::find(kFast.begin(), kFast.end(), source) == kFast.end();
  if (!costly && !odd) return std::nullopt;
  return Finding{
      "clock-slow", kWarning,
      fmt::format("the clock source is {}{}: reading the time enters the kernel or worse",
                  source.empty() ? "unknown" : source,
                  costly ? fmt::format(" and costs {:.0f} ns", *system.clock_cost_ns) : ""),
      "distrust times below 10 µs and use larger chunks; the machine's owner can choose "
      "tsc or kvm-clock (/sys/devices/system/clocksource)"};
}

Found PowersaveGovernor(const HostFacts& facts) {
  if (facts.system.governor.find("powersave") == std::string::npos) return std::nullopt;
  return Finding{"governor-powersave", kWarning,
                 fmt::format("the frequency governor is {}: CPUs may stay slow for the first "
                             "milliseconds of work, or always",
                             facts.system.governor),
                 "lengthen the warm-up, or let the machine's owner set performance (cpupower "
                 "frequency-set -g performance)"};
}

Found Steal(const HostFacts& facts) {
  const auto share = facts.system.steal_share;
  if (!share || *share <= kMuchSteal) return std::nullopt;
  return Finding{"steal", *share > kVeryMuchSteal ? kProblem : kWarning,
                 fmt::format("since boot {:.1f} % of all CPU time was stolen by the hypervisor for "
                             "others (/proc/stat)",
                             100 * *share),
                 "run more repetitions, compare only within one, and repeat the sweep at another "
                 "time or on a dedicated machine"};
}

Found Gvisor(const HostFacts& facts) {
  if (facts.system.container != "gvisor") return std::nullopt;
  return Finding{"gvisor", kWarning,
                 "system calls are emulated (gVisor): transports and waiting cost several times "
                 "more than on Linux itself",
                 "prefer the transport shm and large chunks, or a runtime without emulation (Cloud "
                 "Run: second generation)"};
}

Found Lxcfs(const HostFacts& facts) {
  if (!facts.lxcfs) return std::nullopt;
  return Finding{"lxcfs", kNote,
                 "lxcfs stands in for files of /proc: CPU model, memory and steal are what it "
                 "shows, not the machine's",
                 "trust the allowed CPUs and the cgroup limits, which it does not touch"};
}

Found NoHardwareCounters(const HostFacts& facts) {
  const Probe* probe = Failed(facts, "hardware counters");
  if (probe == nullptr) return std::nullopt;
  return Finding{"no-hardware-counters", kNote,
                 fmt::format("no hardware counters ({}): reports have no cycles, instructions and "
                             "cache misses",
                             probe->detail),
                 "none is needed; where the machine has them, CAP_PERFMON or "
                 "kernel.perf_event_paranoid of 2 or less grants them"};
}

Found NoPressure(const HostFacts& facts) {
  const Probe* probe = Failed(facts, "pressure");
  if (probe == nullptr) return std::nullopt;
  return Finding{"no-pressure", kNote,
                 fmt::format("no pressure information ({}): whether tasks waited for a CPU shows "
                             "in run-queue delay alone",
                             probe->detail),
                 "none is needed; the kernel's owner can boot with psi=1"};
}

Found NoHugePages(const HostFacts& facts) {
  if (facts.system.transparent_huge_pages != "never") return std::nullopt;
  return Finding{"huge-pages-never", kNote,
                 "transparent huge pages are off "
                 "(/sys/kernel/mm/transparent_hugepage/enabled): large models lose some speed to "
                 "address translation",
                 "the machine's owner can set madvise or always"};
}

constexpr std::array<Rule, 9> kSystemRules = {
    PinningRefused, SlowClock,          PowersaveGovernor, Steal,      Gvisor,
    Lxcfs,          NoHardwareCounters, NoPressure,        NoHugePages};

}  // namespace

std::span<const Rule> SystemRules() {
  return kSystemRules;
}

std::vector<Finding> DiagnoseLibraries(const RuntimeFacts& libraries) {
  std::vector<Finding> findings;
  if (libraries.blas_library.find("openblas-pthread") != std::string::npos) {
    findings.push_back({"blas-ignores-threads", kProblem,
                        fmt::format("BLAS is OpenBLAS with threads of its own ({}): it ignores the "
                                    "number of threads that libtorch is told",
                                    libraries.blas_library),
                        "install libopenblas0-openmp and choose it with update-alternatives, or "
                        "compare rows of 1 thread only"});
  }
  if (libraries.blas_kind == "reference") {
    findings.push_back({"blas-reference", kProblem,
                        fmt::format("BLAS is the slow reference one ({}): linear layers take some "
                                    "20 times as long as with OpenBLAS",
                                    libraries.blas_library),
                        "install libopenblas0-openmp, or choose an installed one with "
                        "update-alternatives"});
  }
  return findings;
}

}  // namespace coresweep
