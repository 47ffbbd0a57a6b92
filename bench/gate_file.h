// A stored report of `coresweep gate`, with the verdict that its launches give.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "harness/core/gate_trace.h"

namespace coresweep {

struct StoredGate {
  GateLog log;
  GateTrace trace;  ///< of `log`
};

/// `report` of the file `path`, replayed. Throws `UsageError` naming the file when it is no report
/// of a gate, damaged, or was not made by its rule and seed.
StoredGate ReplayStoredGate(const nlohmann::json& report, const std::string& path);

/// Throws `UsageError` naming the file unless `report` says as its outcome what was made again,
/// `again`; `where` says where that can be seen.
void CheckStoredOutcome(const nlohmann::json& report, const nlohmann::json& again,
                        const std::string& path, const std::string& where);

}  // namespace coresweep
