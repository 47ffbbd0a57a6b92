// Where the control groups of this process are: mount points and levels of each controller.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/host/rooted_files.h"

namespace coresweep {

/// A mounted hierarchy, from /proc/self/mountinfo with its escapes undone.
struct CgroupMount {
  int version = 0;
  std::string root;   ///< the cgroup that is mounted
  std::string point;  ///< where
  std::vector<std::string> controllers;
};

/// One line of /proc/self/cgroup; the v2 line has no controllers.
struct CgroupMembership {
  std::vector<std::string> controllers;
  std::string path;
};

/// The levels of one controller.
struct CgroupHierarchy {
  int version = 0;
  std::vector<std::string> levels;  ///< folders from the process's own up to the mount point
  /// Levels above the mount point may exist and cannot be read: the mount shows only a part of the
  /// hierarchy, or none of the process's own part.
  bool hidden_above = false;
};

/// All that a process's mountinfo and cgroup files tell.
class CgroupTable {
 public:
  /// Reads both files of /proc/self; what cannot be understood is left out.
  explicit CgroupTable(RootedFiles& files);

  /// A controller lives in one hierarchy only: v1 where it is mounted there, else v2. nullopt: no
  /// mount shows it.
  [[nodiscard]] std::optional<CgroupHierarchy> Find(std::string_view controller) const;

 private:
  [[nodiscard]] const CgroupMount* BestMount(int version, std::string_view controller,
                                             const std::string& path) const;
  [[nodiscard]] bool HiddenAbove(const CgroupMount& mount, const std::string& path) const;

  RootedFiles* files_;
  std::vector<CgroupMount> mounts_;
  std::vector<CgroupMembership> memberships_;
};

}  // namespace coresweep
