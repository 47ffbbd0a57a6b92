#include "harness/host/probe.h"

#include <fmt/format.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>

#include <charconv>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>

#include "harness/base/atomic_file.h"
#include "harness/base/error.h"
#include "harness/host/cgroup.h"
#include "harness/host/topology.h"

namespace coresweep {
namespace {

namespace fs = std::filesystem;

std::string ReadOrEmpty(const fs::path& path) {
  try {
    return ReadFile(path, 1 << 26);
  } catch (const Error&) {
    return "";
  }
}

std::string_view Trim(std::string_view text) {
  const char* blanks = " \t\n\"";
  const size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return "";
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// Value of the first line "key<blanks><separator>value"; "" when there is none.
std::string ValueOf(const std::string& text, std::string_view key, char separator) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const size_t at = line.find(separator);
    if (at == std::string::npos || Trim(line.substr(0, at)) != key) continue;
    return std::string(Trim(std::string_view(line).substr(at + 1)));
  }
  return "";
}

std::string CpuModel(const std::string& cpuinfo) {
  for (const char* key :
       {"model name", "cpu", "cpu model", "Processor"}) {  // x86, POWER, MIPS, Arm
    if (std::string model = ValueOf(cpuinfo, key, ':'); !model.empty()) return model;
  }
  const std::string part = ValueOf(cpuinfo, "CPU part", ':');
  if (part.empty()) return "unknown";
  return fmt::format("Arm implementer {} part {} revision {}",
                     ValueOf(cpuinfo, "CPU implementer", ':'), part,
                     ValueOf(cpuinfo, "CPU revision", ':'));
}

std::string Os(const fs::path& root) {
  for (const char* file : {"etc/os-release", "usr/lib/os-release"}) {
    std::string name = ValueOf(ReadOrEmpty(root / file), "PRETTY_NAME", '=');
    if (!name.empty()) return name;
  }
  return "unknown";
}

uint64_t TotalMemoryBytes(const fs::path& root) {
  const std::string value = ValueOf(ReadOrEmpty(root / "proc/meminfo"), "MemTotal", ':');
  uint64_t kib = 0;
  std::from_chars(value.data(), value.data() + value.size(), kib);
  return kib * 1024;
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
  facts.architecture = names.machine;
  facts.kernel = Trim(ReadOrEmpty(root / "proc/sys/kernel/osrelease"));
  facts.cpu_model = CpuModel(ReadOrEmpty(root / "proc/cpuinfo"));
  facts.os = Os(root);
  facts.visible_cpus = CpuListFile(root / "sys/devices/system/cpu/online").Count();
  facts.memory_total_bytes = TotalMemoryBytes(root);
  facts.dev_shm_bytes = DevShmBytes(root, mountinfo);
  if (mountinfo.find(" - fuse.lxcfs ") != std::string::npos) {
    facts.warnings.emplace_back(
        "lxcfs stands in for files of /proc: CPU model and memory are what it shows");
  }
}

void ReadCpus(const fs::path& root, HostFacts& facts) {
  facts.affinity = GetAffinity();
  facts.topology = ReadTopology(facts.affinity, &facts.hwloc_allowed);
  facts.allowed = facts.hwloc_allowed.Intersect(facts.affinity);
  if (facts.allowed.Empty()) {
    throw Error(
        fmt::format("no CPU may be used: hwloc allows \"{}\", the affinity mask is \"{}\"; look at "
                    "the cpuset of the container and at taskset",
                    facts.hwloc_allowed.ToList(), facts.affinity.ToList()));
  }
  const CpuSet isolated =
      CpuListFile(root / "sys/devices/system/cpu/isolated").Intersect(facts.allowed);
  if (!isolated.Empty()) {
    facts.warnings.push_back(fmt::format(
        "CPUs {} are isolated: the scheduler does not move threads between them, so use a "
        "placement other than none",
        isolated.ToList()));
  }
}

void ReadLimits(const fs::path& root, HostFacts& facts) {
  CgroupFacts cgroups = ReadCgroups(root);
  facts.cgroup_version = cgroups.cpu_version;
  facts.cpu_quota = std::move(cgroups.cpu_quota);
  facts.memory_limit_bytes = std::move(cgroups.memory_limit_bytes);
  facts.cpu_stat_path = std::move(cgroups.cpu_stat_path);
  std::move(cgroups.warnings.begin(), cgroups.warnings.end(), std::back_inserter(facts.warnings));
}

}  // namespace

HostFacts ReadHostFacts(const fs::path& root) {
  HostFacts facts;
  ReadCpus(root, facts);
  ReadSystem(root, facts);
  ReadLimits(root, facts);
  return facts;
}

}  // namespace coresweep
