#include "harness/host/system_meter.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <exception>
#include <sstream>
#include <string_view>
#include <vector>

#include "harness/base/clock.h"
#include "harness/host/cgroup.h"
#include "harness/host/cgroup_hierarchy.h"
#include "harness/host/small_file.h"

namespace coresweep {
namespace {

namespace fs = std::filesystem;

/// Microseconds of the "some" line of a PSI file, as nanoseconds.
std::optional<int64_t> ReadPressureNs(const std::string& path) {
  const auto text = path.empty() ? std::nullopt : ReadSmallFile(path);
  if (!text || !text->starts_with("some ")) return std::nullopt;
  const std::string_view line = std::string_view(*text).substr(0, text->find('\n'));
  constexpr std::string_view kKey = " total=";
  const size_t at = line.find(kKey);
  if (at == std::string_view::npos) return std::nullopt;
  int64_t total_us = 0;
  const char* const first = line.data() + at + kKey.size();
  if (std::from_chars(first, line.data() + line.size(), total_us).ec != std::errc()) {
    return std::nullopt;
  }
  return total_us * kNsPerUs;
}

std::string IfPressure(const fs::path& path) {
  return ReadPressureNs(path.string()) ? path.string() : std::string();
}

std::optional<ThrottleCounters> TryReadThrottle(const std::string& path) {
  try {
    return ReadThrottle(path);
  } catch (const std::exception&) {
    return std::nullopt;  // there, and refused when read
  }
}

/// Sums of CPU lines of /proc/stat, in ticks.
struct CpuTicks {
  int64_t busy = 0;
  int64_t idle = 0;
  int64_t steal = 0;
  int cpus = 0;
};

/// Adds "cpu7 user nice system idle iowait irq softirq steal guest guest_nice" when it is a line of
/// one of `cpus`. Guest time is part of user and nice already.
void AddCpuLine(const std::string& line, const CpuSet& cpus, CpuTicks& sum) {
  int cpu = -1;
  const char* const end = line.data() + line.size();
  const auto index = std::from_chars(line.data() + 3, end, cpu);
  if (index.ec != std::errc() || !cpus.Contains(cpu)) return;
  std::istringstream values(std::string(index.ptr, end));
  int64_t user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0;
  if (!(values >> user >> nice >> system >> idle >> iowait >> irq >> softirq >> steal)) return;
  sum.busy += user + nice + system + irq + softirq + steal;
  sum.idle += idle + iowait;
  sum.steal += steal;
  ++sum.cpus;
}

/// nullopt without the file, without lines of `cpus`, or when it holds zeros only, as some
/// sandboxes show it.
std::optional<CpuTicks> ReadCpuTicks(const std::string& path, const CpuSet& cpus) {
  const auto text = path.empty() ? std::nullopt : ReadSmallFile(path);
  if (!text) return std::nullopt;
  CpuTicks sum;
  size_t at = 0;
  while (text->compare(at, 3, "cpu") == 0) {  // these lines come first
    const size_t end = std::min(text->find('\n', at), text->size());
    AddCpuLine(text->substr(at, end - at), cpus, sum);
    at = std::min(end + 1, text->size());
  }
  if (sum.busy + sum.idle == 0) return std::nullopt;
  return sum;
}

int64_t TicksToNs(int64_t ticks) {
  const int64_t ticks_per_s = sysconf(_SC_CLK_TCK);
  return ticks_per_s > 0 ? ticks * (kNsPerS / ticks_per_s) : 0;
}

std::optional<int64_t> Grown(const std::optional<int64_t>& before,
                             const std::optional<int64_t>& after) {
  if (!before || !after) return std::nullopt;
  return std::max<int64_t>(0, *after - *before);
}

/// Where pressure of our own tasks may be found, best first.
std::vector<fs::path> CgroupFolders(const std::string& cpu_stat_path, const fs::path& root) {
  std::vector<fs::path> folders;
  RootedFiles files(root);
  const auto own = CgroupTable(files).Find("cpu");
  if (own && !own->levels.empty()) folders.push_back(files.Real(own->levels.front()));
  if (!cpu_stat_path.empty()) folders.push_back(fs::path(cpu_stat_path).parent_path());
  return folders;
}

}  // namespace

SystemSources FindSystemSources(const std::string& cpu_stat_path, const CpuSet& allowed,
                                const fs::path& root) {
  SystemSources sources;
  sources.cpu_stat_path = cpu_stat_path;
  sources.proc_stat_path = (root / "proc/stat").string();
  sources.cpus = allowed;
  // All three of one folder, so that they speak of the same tasks.
  const auto found_beside = [&](const fs::path& folder, const char* suffix) {
    sources.cpu_pressure_path = IfPressure(folder / (std::string("cpu") + suffix));
    sources.memory_pressure_path = IfPressure(folder / (std::string("memory") + suffix));
    sources.io_pressure_path = IfPressure(folder / (std::string("io") + suffix));
    return !sources.cpu_pressure_path.empty();
  };
  for (const fs::path& folder : CgroupFolders(cpu_stat_path, root)) {
    if (found_beside(folder, ".pressure")) return sources;
  }
  found_beside(root / "proc/pressure", "");
  return sources;
}

void SystemMeter::Begin() {
  begin_ = Read();
}

SystemUse SystemMeter::End() const {
  SystemUse use;
  if (begin_.at_ns == 0) return use;
  const Reading end = Read();
  use.interval_ns = end.at_ns - begin_.at_ns;
  if (begin_.throttle && end.throttle) use.throttle = Difference(*begin_.throttle, *end.throttle);
  PressureDelta pressure;
  pressure.source = sources_.cpu_pressure_path;
  pressure.cpu_ns = Grown(begin_.cpu_pressure_ns, end.cpu_pressure_ns);
  pressure.memory_ns = Grown(begin_.memory_pressure_ns, end.memory_pressure_ns);
  pressure.io_ns = Grown(begin_.io_pressure_ns, end.io_pressure_ns);
  if (pressure.cpu_ns || pressure.memory_ns || pressure.io_ns) use.pressure = std::move(pressure);
  // A CPU that went offline or came online in between takes its sums along.
  if (begin_.cpus == end.cpus) {
    use.steal_ns = Grown(begin_.steal_ns, end.steal_ns);
    use.busy_ns = Grown(begin_.busy_ns, end.busy_ns);
    use.cpus = end.cpus;
  }
  return use;
}

SystemMeter::Reading SystemMeter::Read() const {
  Reading reading;
  reading.at_ns = NowNs();
  reading.throttle = TryReadThrottle(sources_.cpu_stat_path);
  reading.cpu_pressure_ns = ReadPressureNs(sources_.cpu_pressure_path);
  reading.memory_pressure_ns = ReadPressureNs(sources_.memory_pressure_path);
  reading.io_pressure_ns = ReadPressureNs(sources_.io_pressure_path);
  if (const auto ticks = ReadCpuTicks(sources_.proc_stat_path, sources_.cpus)) {
    reading.steal_ns = TicksToNs(ticks->steal);
    reading.busy_ns = TicksToNs(ticks->busy);
    reading.cpus = ticks->cpus;
  }
  return reading;
}

}  // namespace coresweep
