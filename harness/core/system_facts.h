// What the operating system and the container runtime grant, as plain data; filled by harness/host.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace coresweep {

/// A limit that was found, and the file it came from.
template <typename T>
struct Limit {
  T value{};
  std::string source;
};

/// A source of evidence or a permission, tried once at the start.
struct Probe {
  std::string name;  ///< "perf hardware events", "PSI", "steal", "memory binding", …
  bool available = false;
  std::string detail;  ///< what was found, or why it is not there: call and errno
};

/// CPU time that a spin test on all allowed CPUs really got.
struct MeasuredCpus {
  double cpus = 0;  ///< CPU time / wall time
  double seconds = 0;
  int threads = 0;
};

struct SystemFacts {
  std::string clock_source;             ///< "tsc", "kvm-clock", "hyperv_clocksource_tsc_page"
  std::optional<double> clock_cost_ns;  ///< of one clock_gettime(CLOCK_MONOTONIC)
  std::string governor;                 ///< cpufreq scaling governor; "" = not shown
  std::string virtualization;           ///< "kvm", "microsoft", "amazon" …; "none"; "" = unknown
  std::string container;                ///< "docker", "kubernetes", "podman" …; "" = none seen
  std::optional<double> steal_share;    ///< of all CPU time since boot
  std::optional<uint64_t> huge_pages;   ///< reserved explicit huge pages
  std::string transparent_huge_pages;   ///< "always", "madvise", "never"; "" = not shown
  int seccomp_mode = -1;                ///< 0 off, 1 strict, 2 filter; -1 = not shown
  std::optional<bool> no_new_privs;
  std::vector<std::string> capabilities;  ///< effective ones that matter here: "CAP_SYS_NICE" …
  std::map<std::string, uint64_t>
      rlimits;  ///< soft limits by name, "nofile", "memlock" …; UINT64_MAX = none
  /// Variables of the environment that change what OpenMP, BLAS or libtorch do.
  std::map<std::string, std::string> environment;
  std::vector<Probe> probes;
};

}  // namespace coresweep
