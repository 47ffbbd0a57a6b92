// `coresweep gate --baseline`: a stored run against stored ones. Nothing is launched.
#pragma once

#include "bench/commands.h"
#include "bench/gate_options.h"

namespace coresweep {

/// Judges `options.candidate_report` by `options.baselines`, writes the report to `path`, prints
/// the verdict and returns its exit code. Throws `UsageError` naming option or file.
int RunHistoryGate(const GateOptions& options, const ProgramContext& program,
                   const std::string& path);

}  // namespace coresweep
