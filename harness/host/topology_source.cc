#include "harness/host/topology_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <system_error>
#include <vector>

#include "harness/base/atomic_file.h"
#include "harness/base/error.h"

namespace coresweep {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxXmlBytes = size_t{1} << 28;
/// Four times what is planned for; hwloc's time and memory grow with the square.
constexpr uint64_t kMaxSyntheticPus = 4096;

std::vector<fs::path> SubfoldersOf(const fs::path& folder) {
  std::vector<fs::path> folders;
  std::error_code ignored;
  for (fs::directory_iterator entry(folder, ignored); !ignored && entry != fs::directory_iterator();
       entry.increment(ignored)) {
    std::error_code gone;
    if (entry->is_directory(gone)) folders.push_back(entry->path());
  }
  return folders;
}

bool IsFolder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

bool IsLinuxRoot(const fs::path& folder) {
  std::error_code ignored;
  return IsFolder(folder / "sys/devices/system/cpu") ||
         fs::is_regular_file(folder / "proc/cpuinfo", ignored);  // all that old kernels have
}

bool IsCpuidDump(const fs::path& folder) {
  std::error_code ignored;
  return fs::is_regular_file(folder / "pu0", ignored);
}

/// The three layouts of hwloc's recordings.
std::optional<TopologySource> Recording(const fs::path& folder) {
  if (IsLinuxRoot(folder)) return TopologySource{{}, folder, {}, {}};
  if (IsLinuxRoot(folder / "fsroot")) {
    TopologySource both{{}, folder / "fsroot", {}, {}};
    if (IsCpuidDump(folder / "cpuid")) both.cpuid = folder / "cpuid";
    return both;
  }
  if (IsCpuidDump(folder)) return TopologySource{{}, {}, folder, {}};
  return std::nullopt;
}

TopologySource FromFolder(const std::string& source) {
  // Absolute: hwloc opens it and then names files below it.
  const fs::path folder = fs::absolute(source);
  if (auto found = Recording(folder)) return *found;
  const std::vector<fs::path> inside = SubfoldersOf(folder);
  if (inside.size() == 1) {
    if (auto found = Recording(inside.front())) return *found;
  }
  throw UsageError(fmt::format(
      "cannot read the topology {}: this folder holds no proc/ and sys/ of a recorded machine; "
      "unpack what hwloc-gather-topology wrote and name the folder that appears",
      source));
}

TopologySource FromFile(const std::string& source) {
  TopologySource result;
  try {
    result.xml = ReadFile(source, kMaxXmlBytes);
  } catch (const Error& error) {
    throw UsageError(error.what());
  }
  if (result.xml.find("<topology") == std::string::npos ||
      result.xml.find('\0') != std::string::npos) {
    throw UsageError(fmt::format(
        "cannot read the topology {}: not a file of `lstopo out.xml` (unpack it if it is packed)",
        source));
  }
  return result;
}

/// PUs that hwloc's synthetic notation asks for: the product of its counts. What is in brackets are
/// attributes or memory; malformed text is left for hwloc to refuse.
uint64_t CountPus(std::string_view text) {
  uint64_t pus = 1;
  for (size_t at = 0; at < text.size();) {
    if (text[at] == '(' || text[at] == '[') {
      at = text.find(text[at] == '(' ? ')' : ']', at);
      if (at == std::string_view::npos) break;
      continue;
    }
    const bool starts_number = text[at] >= '0' && text[at] <= '9' &&
                               (at == 0 || text[at - 1] == ':' || text[at - 1] == ' ');
    if (!starts_number) {
      ++at;
      continue;
    }
    uint64_t count = 0;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at)
      count = std::min(count * 10 + static_cast<uint64_t>(text[at] - '0'), kMaxSyntheticPus + 1);
    pus = std::min(pus * count, kMaxSyntheticPus + 1);
  }
  return pus;
}

}  // namespace

TopologySource FindTopologySource(const std::string& source) {
  std::error_code error;
  const fs::file_status status = fs::status(source, error);
  if (fs::is_directory(status)) return FromFolder(source);
  const bool named_as_path = source.find('/') != std::string::npos || source.ends_with(".xml");
  if (fs::exists(status) || named_as_path) return FromFile(source);
  if (CountPus(source) > kMaxSyntheticPus) {
    throw UsageError(
        fmt::format("cannot read the topology {}: more than {} PUs", source, kMaxSyntheticPus));
  }
  return {{}, {}, {}, source};
}

}  // namespace coresweep
