// Where the memory of a worker goes: bound to NUMA nodes where the container allows it.
#pragma once

#include <string>
#include <vector>

namespace coresweep {

/// Binds the memory of the calling thread, and of threads that it starts later, to `nodes`
/// (set_mempolicy, MPOL_BIND). Says what was done: "bind:0-1", or where that is refused (Docker's
/// seccomp profile) "first touch: set_mempolicy: EPERM", which a pinned thread gives anyway. Empty
/// `nodes`: does nothing and says "".
std::string BindMemory(const std::vector<int>& nodes);

/// The policy of the calling thread, read back with get_mempolicy: "default", "bind:0-1",
/// "preferred:0", "interleave:0-1", "local"; "unknown: get_mempolicy: EPERM".
std::string ReadMemoryPolicy();

/// Reads the calling thread's policy and sets the same again, which changes nothing: "" when both
/// calls are allowed, else the one that is refused and its errno, "set_mempolicy: EPERM".
std::string TryMemoryBinding();

}  // namespace coresweep
