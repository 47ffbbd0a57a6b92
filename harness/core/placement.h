// Placement policies: which CPUs each worker and the dispatcher may use. Pure functions of topology
// and shape; no system call.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/cpu_set.h"
#include "harness/core/placement_shape.h"
#include "harness/core/topology.h"

namespace coresweep {

/// Where one worker sits. All CPUs by OS index.
struct WorkerPlace {
  CpuSet cpus;                  ///< of the worker: the union of `threads`; never empty
  std::vector<CpuSet> threads;  ///< one non-empty set a thread, each inside `cpus`
  /// NUMA nodes (OS indexes, ascending) nearest to `cpus`, for its memory; empty = do not bind
  /// (policies `none` and `modulo`, or no node is known).
  std::vector<int> numa_nodes;

  bool operator==(const WorkerPlace&) const = default;
};

struct Placement {
  std::vector<WorkerPlace> workers;
  bool oversubscribed = false;  ///< more threads of workers than PUs that the policy may use
  CpuSet dispatcher;            ///< empty = unpinned
  /// The dispatcher has no core of its own: it shares one with a worker, or is unpinned while the
  /// workers' threads leave no PU free. Busy waiting would then slow the workers down.
  bool dispatcher_shares_core = false;
  std::vector<std::string>
      notes;  ///< what the reader must know, e.g. "no L3 here: NUMA nodes instead"

  bool operator==(const Placement&) const = default;
};

/// A row of the table of policies, for --help and documentation.
struct PolicyRow {
  std::string_view name;     ///< "compact", "ppr:N:OBJ"
  std::string_view aliases;  ///< "close, packed"; "" = none
  std::string_view summary;
};
std::span<const PolicyRow> PolicyTable();

/// The canonical form of a policy: aliases and spelling resolved ("close" = "compact", "ccx" =
/// "l3", "ppr:2:socket" = "ppr:2:package", "list:3,0-1" keeps its order). Throws `UsageError`
/// naming what is wrong and what is accepted; `text` itself is not repeated.
std::string CanonicalPolicy(std::string_view text);

/// Places `shape` on the PUs of `topology` by `policy` (canonical). Every set is non-empty and
/// inside `topology.pus`, except for `modulo`, which does not look at what is allowed. Workers
/// never share a core while cores that the policy may use are free, and never a PU while PUs are
/// free; but `list` follows the order given, and `none` and `modulo` promise nothing. nullopt with
/// `*why_not` set ("this machine has no efficiency cores") where the policy cannot be followed.
/// Throws `Error` when the topology has no PU.
std::optional<Placement> Place(std::string_view policy, const Topology& topology,
                               const PlacementShape& shape, std::string* why_not);

/// Whether `policy` looks at the width at all: `none` and `modulo` do not.
bool UsesWidth(std::string_view policy);

}  // namespace coresweep
