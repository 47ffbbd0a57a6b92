// What was measured, as JSON, both ways: between processes and in the journal of a sweep.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "harness/core/measurement.h"

namespace coresweep {

// Each writes every field of its struct (one that is added does not compile until it is written
// here), each reader throws `Error` naming the field that is missing or of another type. Texts that
// are not UTF-8 are the caller's to replace when it dumps the value.

nlohmann::json ToJson(const RuntimeFacts& facts);
RuntimeFacts RuntimeFactsFromJson(const nlohmann::json& json);

nlohmann::json ToJson(const OrderingCounts& counts);
OrderingCounts OrderingCountsFromJson(const nlohmann::json& json);

/// An infinite difference ("NaN or infinity opposite a number") is null.
nlohmann::json ToJson(const OutputCheck& check);
OutputCheck OutputCheckFromJson(const nlohmann::json& json);

nlohmann::json ToJson(const WorkerMeasurement& worker);
WorkerMeasurement WorkerMeasurementFromJson(const nlohmann::json& json);

}  // namespace coresweep
