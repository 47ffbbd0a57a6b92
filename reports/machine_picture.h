// A machine drawn in text: packages, NUMA nodes, caches, cores and their PUs, with what is
// forbidden and who sits where.
#pragma once

#include <string>

#include "harness/core/placement.h"
#include "harness/core/topology.h"

namespace coresweep {

struct PictureStyle {
  size_t width = 80;   ///< columns of the terminal
  bool color = false;  ///< colour only repeats what the characters say
};

/// Draws `whole`; CPUs outside `allowed` are marked as forbidden. With `placement` each PU shows
/// the worker(s) on it and the dispatcher, else its OS index. Has a legend of the marks used. Large
/// machines stay readable: rows wrap at cores, never inside one.
std::string DrawMachine(const Topology& whole, const CpuSet& allowed, const Placement* placement,
                        const PictureStyle& style);

}  // namespace coresweep
