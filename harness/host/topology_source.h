// What the user named as the topology of another machine: file, folder or synthetic notation.
#pragma once

#include <filesystem>
#include <string>

namespace coresweep {

struct TopologySource {
  std::string xml;               ///< text of an hwloc XML file
  std::filesystem::path fsroot;  ///< folder that holds proc/ and sys/ of a Linux machine
  std::filesystem::path cpuid;   ///< folder of CPUID dumps of hwloc-gather-cpuid
  std::string synthetic;         ///< what is no path
};

/// Exactly one member is set, or `fsroot` and `cpuid`. Throws `UsageError` when a file or folder
/// is none of these or cannot be read, or when a synthetic machine has more than 4,096 PUs.
TopologySource FindTopologySource(const std::string& source);

}  // namespace coresweep
