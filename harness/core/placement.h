// Placement policies: which CPUs each worker may use. Pure functions of topology and shape.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/cpu_set.h"
#include "harness/core/host_facts.h"

namespace coresweep {

/// What is to be placed.
struct PlacementShape {
  int workers = 1;
  int threads = 1;  ///< of each worker
};

struct Placement {
  std::vector<CpuSet> workers;  ///< one non-empty set a worker, inside the allowed CPUs
  bool oversubscribed = false;  ///< some PU is shared because there are fewer PUs than threads
};

/// One row of the table of policies.
struct PlacementPolicy {
  std::string_view name;
  std::string_view summary;  ///< for --help
  Placement (*place)(const Topology& topology, PlacementShape shape);
};

/// All policies: "none" (every worker on the whole allowed set, the scheduler decides), "compact"
/// (neighbours first: close in cache, PUs of one core last), "scatter" (as far apart as possible).
std::span<const PlacementPolicy> PlacementPolicies();

/// The policy of that name or alias ("close" = compact, "spread" = scatter); nullptr: unknown.
const PlacementPolicy* FindPlacementPolicy(std::string_view name);

}  // namespace coresweep
