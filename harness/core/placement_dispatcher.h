// Where the dispatcher sits, given where the workers do.
#pragma once

#include "harness/core/placement.h"
#include "harness/core/placement_cores.h"

namespace coresweep {

/// Looks for CPUs for the dispatcher among those of a topology.
class DispatcherSearch {
 public:
  /// Keeps references.
  DispatcherSearch(const Topology& topology, const CoreMap& map, const Placement& placement);

  /// All PUs of core `core`.
  [[nodiscard]] CpuSet WholeCore(size_t core) const;
  /// The wholly free core nearest to worker 0; empty = none.
  [[nodiscard]] CpuSet FreeCore() const;
  /// The free PU nearest to worker 0, on its cores first; empty = none.
  [[nodiscard]] CpuSet FreePu() const;
  /// The PU with the fewest workers, of these the nearest to worker 0.
  [[nodiscard]] CpuSet LeastUsedPu() const;
  /// Whether a worker may use a core that `cpus` has a part of.
  [[nodiscard]] bool SharesCore(const CpuSet& cpus) const;
  /// Whether workers may use every PU.
  [[nodiscard]] bool AllTaken() const;

 private:
  /// Worker 0's cores are 0 away, else domains to leave.
  [[nodiscard]] int DistanceOf(size_t core) const;

  const Topology& topology_;
  const CoreMap& map_;
  std::vector<int> workers_on_;  // each PU
  std::vector<bool> is_first_;   // cores: whether worker 0 is there
  size_t first_core_ = 0;        // of worker 0
};

}  // namespace coresweep
