// What befell container and machine between two moments: throttling, pressure, steal.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include "harness/base/cpu_set.h"
#include "harness/core/use.h"
#include "harness/host/cgroup.h"

namespace coresweep {

/// Where to read; found once by the parent and handed to worker 0. "" = nowhere.
struct SystemSources {
  std::string cpu_stat_path;      ///< of the cgroup level whose quota binds
  std::string cpu_pressure_path;  ///< a PSI file, of the cgroup or /proc/pressure/cpu
  std::string memory_pressure_path;
  std::string io_pressure_path;
  std::string proc_stat_path;
  CpuSet cpus;  ///< steal and busy time are summed over these
};

/// The best sources there are: PSI of the own cgroup (v2), then beside `cpu_stat_path`, then
/// /proc/pressure, tried by reading (a file may exist and give EOPNOTSUPP); never some of one and
/// some of another. `cpu_stat_path` is taken as given.
SystemSources FindSystemSources(const std::string& cpu_stat_path, const CpuSet& allowed,
                                const std::filesystem::path& root = "/");

/// Reads a handful of small files at each edge, some tens of microseconds. Nothing throws: what
/// cannot be read stays nullopt.
class SystemMeter {
 public:
  explicit SystemMeter(SystemSources sources) : sources_(std::move(sources)) {}
  void Begin();
  /// Differences since `Begin`, counters that ran backwards count 0.
  [[nodiscard]] SystemUse End() const;

 private:
  struct Reading {
    int64_t at_ns = 0;
    std::optional<ThrottleCounters> throttle;
    std::optional<int64_t> cpu_pressure_ns, memory_pressure_ns, io_pressure_ns;
    std::optional<int64_t> steal_ns, busy_ns;
    int cpus = 0;
  };
  [[nodiscard]] Reading Read() const;

  SystemSources sources_;
  Reading begin_;
};

}  // namespace coresweep
