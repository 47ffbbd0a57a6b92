// What libtorch and its BLAS are, found out in a child so that this process loads neither.
#pragma once

#include <optional>

#include "bench/commands.h"
#include "harness/core/workload.h"

namespace coresweep {

/// Body of the hidden command `libraries`: prints the facts as JSON ("null" when built without
/// libtorch).
int PrintLibraries();

/// Runs `libraries` in a child; nullopt when built without libtorch. Throws `Error` when it fails.
std::optional<RuntimeFacts> ReadLibraries(const ProgramContext& program);

}  // namespace coresweep
