// From seats to the sets of CPUs that workers and their threads may use.
#pragma once

#include <cstddef>
#include <vector>

#include "harness/core/placement.h"
#include "harness/core/placement_cores.h"

namespace coresweep {

struct WidthRules {
  Width width = Width::kPu;
  bool one_pu_per_core = false;   ///< a worker has no second PU of a core, whatever the width
  std::vector<size_t> object_of;  ///< of each PU, for kObject; `kNoObject`: of nobody's
};

constexpr size_t kNoObject = static_cast<size_t>(-1);

/// The places of `seating`'s workers: what the width adds to a worker is what no other has, dealt
/// out evenly among those who could have it.
std::vector<WorkerPlace> WidenSeats(const Topology& topology, const CoreMap& map,
                                    const Seating& seating, const WidthRules& rules);

}  // namespace coresweep
