// What the trials of a cell tell about how it scales. Pure.
#pragma once

#include <optional>

#include "harness/core/result.h"

namespace coresweep {

/// Medians over the trials of a cell that gave a throughput; nullopt for what none of them
/// measured.
struct ScalingEvidence {
  std::optional<double> throttled;    ///< share of the quota's periods
  std::optional<double> stolen;       ///< share of the allowed CPUs' time, by the hypervisor
  std::optional<double> foreign;      ///< the same, by others than the workers and the dispatcher
  std::optional<double> dispatcher;   ///< its CPU time / wall time
  std::optional<double> computing;    ///< share of the window in which a worker computes
  std::optional<double> least_items;  ///< of a worker / of the worker with the most
  std::optional<double> head_of_line_us;  ///< of a chunk
  std::optional<double> compute_us;       ///< of a chunk
  std::optional<double> instructions_per_cycle;
  std::optional<double> cycles_per_ns;  ///< of CPU time
};

/// Of plan.cells[index].
ScalingEvidence GatherEvidence(const SweepResult& sweep, int index);

}  // namespace coresweep
