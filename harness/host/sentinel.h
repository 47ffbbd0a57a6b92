// The sentinel: a fixed piece of integer work on one core, whose time shows what the machine itself
// does while other things are compared.
#pragma once

#include <cstdint>

#include "harness/core/machine_edge.h"

namespace coresweep {

/// Does `steps` dependent 64-bit mixings (SplitMix64's) on the calling thread: no memory, no
/// parallelism, nothing that a cache or the other thread of a core could change much.
SentinelTime RunSentinel(int64_t steps);

/// As many steps as take `target_ns` of CPU time here, by the fastest of a few short runs; at
/// least 1.
int64_t CalibrateSentinel(int64_t target_ns);

}  // namespace coresweep
