// Reads what this machine and container are and allow.
#pragma once

#include <filesystem>

#include "harness/core/host_facts.h"

namespace coresweep {

/// All facts of this host. Files of /proc, /sys, /dev and /etc are read below `root`; hwloc's
/// topology and the affinity mask are always this machine's and this thread's. A fact that cannot
/// be read stays empty. Call before starting threads. Throws `Error` when no CPU may be used.
HostFacts ReadHostFacts(const std::filesystem::path& root = "/");

}  // namespace coresweep
