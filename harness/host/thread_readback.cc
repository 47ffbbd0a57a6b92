#include "harness/host/thread_readback.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "harness/base/error.h"
#include "harness/host/small_file.h"

namespace coresweep {
namespace {

namespace fs = std::filesystem;

constexpr const char* kTasks = "/proc/self/task";
constexpr size_t kMostNames = 4;

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

/// Name of a thread as the kernel keeps it; bytes that are no ASCII text are shown as '?'.
std::string NameOf(pid_t thread_id) {
  std::string name = ReadSmallFile(fmt::format("{}/{}/comm", kTasks, thread_id)).value_or("");
  if (name.ends_with('\n')) name.pop_back();
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return name;
}

bool Exists(pid_t thread_id) {
  std::error_code error;
  return fs::exists(fmt::format("{}/{}", kTasks, thread_id), error);
}

/// nullopt when the thread ended meanwhile.
std::optional<CpuSet> AffinityOf(pid_t thread_id) {
  try {
    return GetAffinity(thread_id);
  } catch (const Error&) {
    if (Exists(thread_id)) throw;
    return std::nullopt;
  }
}

void AddName(std::string name, MaskGroup& group) {
  const bool known = std::find(group.names.begin(), group.names.end(), name) != group.names.end();
  if (name.empty() || known || group.names.size() == kMostNames) return;
  group.names.push_back(std::move(name));
}

}  // namespace

std::vector<CpuSet> AffinityOfEachThread() {
  std::vector<CpuSet> masks;
  for (const pid_t id : ThreadIds()) {
    if (auto mask = AffinityOf(id)) masks.push_back(*std::move(mask));
  }
  return masks;
}

CpuSet AffinityOfAllThreads() {
  CpuSet all;
  for (const CpuSet& mask : AffinityOfEachThread())
    all = all.Union(mask);
  return all;
}

std::vector<MaskGroup> ReadThreadMasks() {
  std::map<std::pair<int, std::string>, MaskGroup> groups;  // by least CPU, then text
  for (const pid_t id : ThreadIds()) {
    const auto mask = AffinityOf(id);
    if (!mask) continue;
    const int least = mask->Empty() ? -1 : mask->ToVector().front();
    std::string cpus = mask->ToList();
    MaskGroup& group = groups[{least, cpus}];
    group.cpus = std::move(cpus);
    ++group.threads;
    AddName(NameOf(id), group);
  }
  std::vector<MaskGroup> sorted;
  sorted.reserve(groups.size());
  for (auto& [key, group] : groups)
    sorted.push_back(std::move(group));
  return sorted;
}

int CountThreads() {
  return static_cast<int>(ThreadIds().size());
}

}  // namespace coresweep
