#include "harness/host/machine_edges.h"

#include <sys/resource.h>

#include <charconv>
#include <sstream>

#include "harness/base/clock.h"
#include "harness/base/cpu_set.h"
#include "harness/host/cgroup.h"
#include "harness/host/proc_text.h"
#include "harness/host/small_file.h"

namespace coresweep {
namespace {

namespace fs = std::filesystem;

/// The count of a line "pswpin 12" of /proc/vmstat.
std::optional<int64_t> SwappedIn(const fs::path& root) {
  std::istringstream lines(ReadSmallFile(root / "proc/vmstat").value_or(""));
  std::string name;
  int64_t count = 0;
  while (lines >> name >> count)
    if (name == "pswpin") return count;
  return std::nullopt;
}

int64_t MajorFaultsOfChildren() {
  rusage usage{};
  getrusage(RUSAGE_CHILDREN, &usage);  // cannot fail with these arguments
  return usage.ru_majflt;
}

std::string AllowedCpuList() {
  try {
    return GetAffinity().ToList();
  } catch (const std::exception&) {
    return "";
  }
}

}  // namespace

MachineEdge ReadMachineEdge(const fs::path& root) {
  MachineEdge edge;
  edge.swapped_in_pages = SwappedIn(root);
  edge.major_faults = MajorFaultsOfChildren();
  edge.boot_id = ReadWord(root / "proc/sys/kernel/random/boot_id");
  edge.kernel = ReadWord(root / "proc/sys/kernel/osrelease");
  edge.cpu_model = CpuModelOf(ReadOrEmpty(root / "proc/cpuinfo"));
  edge.online_cpus = ReadWord(root / "sys/devices/system/cpu/online");
  edge.allowed_cpus = AllowedCpuList();
  if (const auto quota = ReadCgroups(root).cpu_quota) edge.cpu_quota = quota->value;
  // Together, and last: their differences are what counts.
  edge.monotonic_ns = NowNs();
  edge.raw_ns = ReadClockNs(CLOCK_MONOTONIC_RAW);
  edge.boot_ns = ReadClockNs(CLOCK_BOOTTIME);
  return edge;
}

}  // namespace coresweep
