#include "harness/host/probe.h"

#include <fmt/format.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>

#include <iterator>
#include <string>
#include <utility>

#include "harness/base/error.h"
#include "harness/host/cgroup.h"
#include "harness/host/proc_text.h"
#include "harness/host/system_facts.h"
#include "harness/host/topology.h"

namespace coresweep {
namespace {

namespace fs = std::filesystem;

std::string Os(const fs::path& root) {
  for (const char* file : {"etc/os-release", "usr/lib/os-release"}) {
    std::string name = ValueOf(ReadOrEmpty(root / file), "PRETTY_NAME", '=');
    if (!name.empty()) return name;
  }
  return "unknown";
}

/// Size of what is mounted at /dev/shm; a mere folder there is no shared memory.
std::optional<uint64_t> DevShmBytes(const fs::path& root, const std::string& mountinfo) {
  if (mountinfo.find(" /dev/shm ") == std::string::npos) return std::nullopt;
  struct statvfs info {};
  if (statvfs((root / "dev/shm").c_str(), &info) != 0) return std::nullopt;
  return static_cast<uint64_t>(info.f_blocks) * info.f_frsize;
}

CpuSet CpuListFile(const fs::path& path) {
  return CpuSet::Parse(ReadOrEmpty(path)).value_or(CpuSet());
}

void ReadSystem(const fs::path& root, HostFacts& facts) {
  utsname names{};
  if (uname(&names) != 0) ThrowErrno("uname");
  const std::string mountinfo = ReadOrEmpty(root / "proc/self/mountinfo");
  const std::string meminfo = ReadOrEmpty(root / "proc/meminfo");
  facts.architecture = names.machine;
  facts.kernel = ReadWord(root / "proc/sys/kernel/osrelease");
  facts.cpu_model = CpuModelOf(ReadOrEmpty(root / "proc/cpuinfo"));
  facts.os = Os(root);
  facts.memory_total_bytes = MeminfoBytes(meminfo, "MemTotal").value_or(0);
  facts.swap_total_bytes = MeminfoBytes(meminfo, "SwapTotal").value_or(0);
  facts.dev_shm_bytes = DevShmBytes(root, mountinfo);
  facts.lxcfs = mountinfo.find(" - fuse.lxcfs ") != std::string::npos;
}

void ReadCpus(const fs::path& root, HostFacts& facts) {
  facts.affinity = GetAffinity();
  Machine machine = ReadMachine(facts.affinity, &facts.hwloc_allowed);
  facts.topology = std::move(machine.usable);
  facts.machine = std::move(machine.whole);
  facts.allowed = facts.hwloc_allowed.Intersect(facts.affinity);
  if (facts.allowed.Empty()) {
    throw Error(
        fmt::format("no CPU may be used: hwloc allows \"{}\", the affinity mask is \"{}\"; look at "
                    "the cpuset of the container and at taskset",
                    facts.hwloc_allowed.ToList(), facts.affinity.ToList()));
  }
  const fs::path folder = root / "sys/devices/system/cpu";
  facts.present_cpus = CpuListFile(folder / "present").Count();
  facts.visible_cpus = CpuListFile(folder / "online").Count();
  facts.isolated = CpuListFile(folder / "isolated").Intersect(facts.allowed);
}

void ReadLimits(const fs::path& root, HostFacts& facts) {
  CgroupFacts cgroups = ReadCgroups(root);
  facts.cgroup_version = cgroups.cpu_version;
  facts.cpu_quota = std::move(cgroups.cpu_quota);
  facts.cpu_period_us = cgroups.cpu_period_us;
  facts.cpu_burst_us = std::move(cgroups.cpu_burst_us);
  facts.cpu_weight = std::move(cgroups.cpu_weight);
  facts.cpu_hidden_above = cgroups.cpu_hidden_above;
  facts.cpuset = std::move(cgroups.cpuset);
  facts.memory_cgroup_visible = cgroups.memory_visible;
  facts.memory_limit_bytes = std::move(cgroups.memory_limit_bytes);
  facts.memory_high_bytes = std::move(cgroups.memory_high_bytes);
  facts.swap_limit_bytes = std::move(cgroups.swap_limit_bytes);
  facts.pids_max = std::move(cgroups.pids_max);
  facts.cpu_stat_path = std::move(cgroups.cpu_stat_path);
  std::move(cgroups.warnings.begin(), cgroups.warnings.end(), std::back_inserter(facts.warnings));
}

}  // namespace

HostFacts ReadHostFacts(const fs::path& root, const std::vector<std::string>& environment) {
  HostFacts facts;
  ReadCpus(root, facts);
  ReadSystem(root, facts);
  ReadLimits(root, facts);
  facts.system = ReadSystemFacts(root, environment);
  return facts;
}

}  // namespace coresweep
