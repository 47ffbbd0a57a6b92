// Which sources of evidence and which permissions this container grants, each tried once.
#pragma once

#include <filesystem>
#include <vector>

#include "harness/core/system_facts.h"

namespace coresweep {

/// "hardware counters", "software events", "run-queue delay", "pressure", "steal", "shared memory
/// accounting" (PSS), "memory binding", "pinning", "pidfd", "memfd", "huge pages by madvise": each
/// with what was found or the call and errno of the refusal. A hardware counter must also count
/// plausibly: some virtual machines have one that hardly moves. Files are read below `root`, calls
/// are always tried on this machine; leaves nothing changed. Some milliseconds; starts a thread and
/// joins it.
std::vector<Probe> TrySources(const std::filesystem::path& root = "/");

}  // namespace coresweep
