#include "harness/host/cgroup_hierarchy.h"

#include <algorithm>
#include <charconv>
#include <tuple>

namespace coresweep {
namespace {

std::vector<std::string> Split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (true) {
    const size_t end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

bool Has(const std::vector<std::string>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// Undoes "\040": the kernel escapes blanks and backslashes in mountinfo.
std::string Unescape(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    int code = 0;
    const char* first = text.data() + i + 1;
    if (text[i] == '\\' && i + 3 < text.size() &&
        std::from_chars(first, first + 3, code, 8).ptr == first + 3) {
      out += static_cast<char>(code);
      i += 3;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::optional<CgroupMount> ParseMount(const std::string& line) {
  const std::vector<std::string> fields = Split(line, ' ');
  const auto dash = std::find(fields.begin(), fields.end(), "-");
  if (dash - fields.begin() < 6 || fields.end() - dash < 4) return std::nullopt;
  const std::string& type = dash[1];
  if (type != "cgroup" && type != "cgroup2") return std::nullopt;
  return CgroupMount{type == "cgroup2" ? 2 : 1, Unescape(fields[3]), Unescape(fields[4]),
                     Split(dash[3], ',')};
}

std::optional<CgroupMembership> ParseMembership(const std::string& line) {
  const size_t first = line.find(':');
  if (first == std::string::npos) return std::nullopt;
  const size_t second = line.find(':', first + 1);
  if (second == std::string::npos) return std::nullopt;
  const std::string controllers = line.substr(first + 1, second - first - 1);
  return CgroupMembership{
      controllers.empty() ? std::vector<std::string>{} : Split(controllers, ','),
      line.substr(second + 1)};
}

template <typename T, typename Parse>
std::vector<T> ParseLines(const std::optional<std::string>& text, Parse parse) {
  std::vector<T> parsed;
  for (const std::string& line : Split(text.value_or(""), '\n')) {
    if (auto value = parse(line)) parsed.push_back(*std::move(value));
  }
  return parsed;
}

/// `path` relative to the mounted cgroup ("" = that cgroup itself); nullopt when it lies elsewhere,
/// as in a foreign cgroup namespace.
std::optional<std::string> BelowMountRoot(const std::string& path, const std::string& mount_root) {
  if (Has(Split(path, '/'), "..")) return std::nullopt;
  const std::string root = mount_root == "/" ? "" : mount_root;
  if (!path.starts_with(root)) return std::nullopt;
  std::string rest = path.substr(root.size());
  if (rest.empty() || rest == "/") return "";
  if (rest.front() != '/') return std::nullopt;  // "/ab" is not below "/a"
  return rest;
}

std::vector<std::string> LevelsOf(const CgroupMount& mount, const std::string& path) {
  std::string below = BelowMountRoot(path, mount.root).value_or("");
  std::vector<std::string> levels;
  for (; !below.empty(); below.resize(below.rfind('/')))
    levels.push_back(mount.point + below);
  levels.push_back(mount.point);
  return levels;
}

bool AtUsualPlace(const std::string& point) {
  return point == "/sys/fs/cgroup" || point.starts_with("/sys/fs/cgroup/");
}

}  // namespace

CgroupTable::CgroupTable(RootedFiles& files)
    : files_(&files),
      mounts_(ParseLines<CgroupMount>(files.Read("/proc/self/mountinfo"), ParseMount)),
      memberships_(ParseLines<CgroupMembership>(files.Read("/proc/self/cgroup"), ParseMembership)) {
}

/// Of several mounts of one hierarchy the one that shows the process's own cgroup and is not hidden
/// by another mount, rather with more of the levels above it, rather at the usual place, rather
/// the later one, which hides an earlier one at the same point.
const CgroupMount* CgroupTable::BestMount(int version, std::string_view controller,
                                          const std::string& path) const {
  const CgroupMount* best = nullptr;
  std::tuple<bool, bool, size_t, bool> best_rank;
  for (const CgroupMount& mount : mounts_) {
    if (mount.version != version) continue;
    if (version == 1 && !Has(mount.controllers, controller)) continue;
    const std::vector<std::string> levels = LevelsOf(mount, path);
    const std::tuple rank{BelowMountRoot(path, mount.root).has_value(),
                          files_->Exists(levels.front()), levels.size(), AtUsualPlace(mount.point)};
    if (best != nullptr && rank < best_rank) continue;
    best = &mount;
    best_rank = rank;
  }
  return best;
}

/// "/" as mounted root and as path says nothing: inside a cgroup namespace every root is called so.
/// But the kernel gives only true roots no cgroup.type (v2), and only them a release_agent (v1).
bool CgroupTable::HiddenAbove(const CgroupMount& mount, const std::string& path) const {
  if (!files_->Exists(mount.point)) return false;  // nothing is known, and that is said elsewhere
  if (mount.root != "/" || !BelowMountRoot(path, mount.root)) return true;
  if (mount.version == 2) return files_->Exists(mount.point + "/cgroup.type");
  return files_->Exists(mount.point + "/cgroup.procs") &&
         !files_->Exists(mount.point + "/release_agent");
}

std::optional<CgroupHierarchy> CgroupTable::Find(std::string_view controller) const {
  for (const int version : {1, 2}) {
    for (const CgroupMembership& membership : memberships_) {
      const bool mine =
          version == 1 ? Has(membership.controllers, controller) : membership.controllers.empty();
      if (!mine) continue;
      const CgroupMount* mount = BestMount(version, controller, membership.path);
      if (mount == nullptr) continue;
      return CgroupHierarchy{version, LevelsOf(*mount, membership.path),
                             HiddenAbove(*mount, membership.path)};
    }
  }
  return std::nullopt;
}

}  // namespace coresweep
