#include "harness/host/thread_readback.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <string>

#include "harness/base/error.h"

namespace coresweep {
namespace {

namespace fs = std::filesystem;

constexpr const char* kTasks = "/proc/self/task";

std::vector<pid_t> ThreadIds() {
  std::error_code error;
  fs::directory_iterator entries(kTasks, error);
  if (error) throw Error(fmt::format("cannot list {}: {}", kTasks, error.message()));
  std::vector<pid_t> ids;
  for (; entries != fs::directory_iterator(); entries.increment(error)) {
    const std::string name = entries->path().filename();
    pid_t id = 0;
    std::from_chars(name.data(), name.data() + name.size(), id);
    ids.push_back(id);
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

bool Exists(pid_t thread_id) {
  std::error_code error;
  return fs::exists(fmt::format("{}/{}", kTasks, thread_id), error);
}

}  // namespace

std::vector<CpuSet> AffinityOfEachThread() {
  std::vector<CpuSet> masks;
  for (const pid_t id : ThreadIds()) {
    try {
      masks.push_back(GetAffinity(id));
    } catch (const Error&) {
      if (Exists(id)) throw;
    }
  }
  return masks;
}

CpuSet AffinityOfAllThreads() {
  CpuSet all;
  for (const CpuSet& mask : AffinityOfEachThread())
    all = all.Union(mask);
  return all;
}

int CountThreads() {
  return static_cast<int>(ThreadIds().size());
}

}  // namespace coresweep
