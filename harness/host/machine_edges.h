// Reads a machine before and after a block of a gate.
#pragma once

#include <filesystem>

#include "harness/core/machine_edge.h"

namespace coresweep {

/// About a millisecond, more with hundreds of CPUs. Clocks, mask and children are always this
/// process's, files are read below `root`. Nothing throws: what cannot be read stays empty.
MachineEdge ReadMachineEdge(const std::filesystem::path& root = "/");

}  // namespace coresweep
