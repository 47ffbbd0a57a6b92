// The command line that measures one cell again.
#pragma once

#include <string>

#include "harness/core/config.h"

namespace coresweep {

/// "coresweep run --workload … --workers 2 …": the sweep `config` narrowed to `cell` (its controls
/// are measured beside it as always). Arguments are quoted for a POSIX shell.
std::string ReproCommand(const SweepConfig& config, const Cell& cell);

}  // namespace coresweep
