// A machine of files for tests of control groups.
#pragma once

#include <map>
#include <string>

#include "harness/host/cgroup.h"
#include "tests/base/temp_folder.h"

namespace coresweep {

inline constexpr const char* kV2Mount =
    "30 23 0:26 / /sys/fs/cgroup ro,nosuid - cgroup2 cgroup rw,nsdelegate\n";
inline constexpr const char* kV1CpuMount =
    "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct\n";
inline constexpr const char* kV1MemoryMount =
    "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n";

/// Read as if it were ours.
class CgroupMachine {
 public:
  CgroupMachine(const std::string& memberships, const std::string& mounts,
                const std::map<std::string, std::string>& files = {}) {
    folder_.Write("/proc/self/cgroup", memberships);
    folder_.Write("/proc/self/mountinfo", mounts);
    for (const auto& [name, text] : files)
      folder_.Write(name, text);
  }
  [[nodiscard]] CgroupFacts Read() const { return ReadCgroups(folder_.path()); }
  [[nodiscard]] std::string Path(const std::string& name) const {
    return folder_.path().string() + name;
  }

 private:
  TempFolder folder_;
};

}  // namespace coresweep
