// Reads what the operating system and the container runtime grant.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/core/system_facts.h"

namespace coresweep {

/// Files are read below `root`; the cost of the clock, resource limits and what `probes` tries are
/// always this process's. `environment` holds "NAME=value" strings. Takes some milliseconds.
/// Nothing throws: what cannot be read stays empty.
SystemFacts ReadSystemFacts(const std::filesystem::path& root,
                            const std::vector<std::string>& environment);

}  // namespace coresweep
