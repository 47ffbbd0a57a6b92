// What concerns a sweep as a whole rather than one of its cells; each text ends in what to do.
#pragma once

#include <string>
#include <vector>

#include "harness/core/result.h"

namespace coresweep {

/// On the workload and the runtime below it: those that the reference process found, and a slow
/// BLAS.
std::vector<std::string> WorkloadWarnings(const SweepResult& sweep);

/// That windows began too early, and how many cells were throttled, unstable or given more
/// processors than there are.
std::vector<std::string> CellsWarnings(const SweepResult& sweep,
                                       const std::vector<CellResult>& cells);

/// All: of the workload, of the host, and of the cells.
std::vector<std::string> SweepWarnings(const SweepResult& sweep,
                                       const std::vector<CellResult>& cells);

}  // namespace coresweep
