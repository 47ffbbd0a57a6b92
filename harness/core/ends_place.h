// Where the two ends of one connection sit when transports are compared.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "harness/base/cpu_set.h"
#include "harness/core/topology.h"

namespace coresweep {

enum class EndsPlace {
  kSame,       ///< both on one CPU
  kNeighbour,  ///< on the first core and the one nearest to it
  kUnpinned,   ///< anywhere
};

std::string_view ToString(EndsPlace place);  ///< "same", "neighbour", "unpinned"
std::optional<EndsPlace> ParseEndsPlace(std::string_view name);

struct EndsSeats {
  EndsPlace place = EndsPlace::kUnpinned;
  CpuSet dispatcher;  ///< empty = unpinned
  CpuSet worker;      ///< empty = unpinned
  /// The ends may get in each other's way: one CPU, two hardware threads of one core, or fewer than
  /// two CPUs' worth of time.
  bool shares_core = false;
  std::string why_not;  ///< why this place is not possible here; "" = it is
};

/// The seats of `place` on the PUs of `topology` (not empty), of which work may keep `usable_cpus`
/// busy. The neighbour of the first core is the one with most caches and nodes in common; the other
/// hardware thread of the same core where there is no other core.
EndsSeats SeatEnds(EndsPlace place, const Topology& topology, int usable_cpus);

}  // namespace coresweep
