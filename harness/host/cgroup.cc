#include "harness/host/cgroup.h"

#include <algorithm>
#include <sstream>

#include "harness/base/atomic_file.h"
#include "harness/host/cgroup_cpu.h"
#include "harness/host/cgroup_hierarchy.h"
#include "harness/host/cgroup_memory.h"
#include "harness/host/rooted_files.h"

namespace coresweep {

namespace fs = std::filesystem;

CgroupFacts ReadCgroups(const fs::path& root) {
  RootedFiles files(root);
  CgroupFacts facts;
  const CgroupTable table(files);
  const auto cpu = table.Find("cpu");
  if (cpu && CpuControllerOn(files, *cpu)) {
    ReadCpuLimits(files, *cpu, facts);
  } else {
    files.Warn("no cgroup of the cpu controller is visible: a CPU quota, if any, is unknown");
  }
  if (const auto cpuset = table.Find("cpuset")) ReadCpuset(files, *cpuset, facts);
  if (const auto memory = table.Find("memory")) {
    facts.memory_visible = true;
    ReadMemoryLimits(files, *memory, facts);
  }
  if (const auto pids = table.Find("pids")) ReadPidsLimit(files, *pids, facts);
  facts.warnings = files.warnings();
  return facts;
}

std::optional<ThrottleCounters> ReadThrottle(const std::string& cpu_stat_path) {
  std::error_code error;
  if (!fs::is_regular_file(cpu_stat_path, error)) return std::nullopt;
  std::istringstream words(ReadFile(cpu_stat_path, 1 << 20));
  ThrottleCounters counters;
  bool periods_seen = false;
  std::string key;
  int64_t value = 0;
  while (words >> key >> value) {
    periods_seen |= key == "nr_periods";
    if (key == "nr_periods") counters.nr_periods = value;
    if (key == "nr_throttled") counters.nr_throttled = value;
    if (key == "throttled_usec") counters.throttled_ns = value * 1000;
    if (key == "throttled_time") counters.throttled_ns = value;
  }
  return periods_seen ? std::optional(counters) : std::nullopt;
}

ThrottleDelta Difference(const ThrottleCounters& before, const ThrottleCounters& after) {
  const auto grown = [](int64_t from, int64_t to) { return std::max<int64_t>(0, to - from); };
  return {grown(before.nr_periods, after.nr_periods),
          grown(before.nr_throttled, after.nr_throttled),
          grown(before.throttled_ns, after.throttled_ns)};
}

}  // namespace coresweep
