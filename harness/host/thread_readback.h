// What the threads of this process really got: their masks and their number. Used by workers after
// binding, after warm-up and at the end, because libraries start and bind threads of their own.
#pragma once

#include <vector>

#include "harness/base/cpu_set.h"
#include "harness/core/use.h"

namespace coresweep {

/// Affinity mask of every thread of this process, in the order of their ids. A thread that ends
/// meanwhile is left out. Throws `Error` without /proc.
std::vector<CpuSet> AffinityOfEachThread();

/// The union of `AffinityOfEachThread`: every CPU some thread may run on.
CpuSet AffinityOfAllThreads();

/// Every thread of this process with its name, grouped by mask; groups by their least CPU, then by
/// their text, names in the order of thread ids. A thread that ends meanwhile is left out. Throws
/// `Error` without /proc.
std::vector<MaskGroup> ReadThreadMasks();

/// Threads of this process, the main thread included. Throws `Error` without /proc.
int CountThreads();

}  // namespace coresweep
