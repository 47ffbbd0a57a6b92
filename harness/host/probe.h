// Reads what this machine and container are and allow.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/core/host_facts.h"

namespace coresweep {

/// All facts of this host but `measured` (harness/host/spin_test.h). Files of /proc, /sys, /dev and
/// /etc are read below `root`; hwloc's topology, the affinity mask and what is tried by calling are
/// always this machine's and this thread's. `environment` holds "NAME=value" strings. A fact that
/// cannot be read stays empty. Call before starting threads. Throws `Error` when no CPU may be
/// used.
HostFacts ReadHostFacts(const std::filesystem::path& root = "/",
                        const std::vector<std::string>& environment = {});

}  // namespace coresweep
