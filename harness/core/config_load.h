// The keys of a suite that say when requests come: load, arrivals, rate, latency_bound_ms,
// scenario.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "harness/core/config.h"
#include "harness/core/config_field.h"

namespace coresweep {

void ReadLoad(const Field& field, SweepConfig& config);
void ReadArrivals(const Field& field, SweepConfig& config);
/// Requests/s, "80%" of the closed throughput, a list of them, or "knee" alone.
void ReadRates(const Field& field, SweepConfig& config);
void ReadLatencyBound(const Field& field, SweepConfig& config);
void ReadScenario(const Field& field, SweepConfig& config);

/// Once all keys are read: what a scenario sets, and `UsageError` for keys that contradict each
/// other. `merged` tells which were given.
void ResolveLoad(const nlohmann::json& merged, const ConfigOrigins& origins, SweepConfig& config);

/// Writes the keys as they are read.
void LoadToJson(const SweepConfig& config, nlohmann::ordered_json& json);

}  // namespace coresweep
