// What a worker reports when it is done: plain structs as JSON, both ways.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "harness/core/measurement.h"

namespace coresweep {

nlohmann::json ToJson(const WorkerMeasurement& worker);
/// Throws nlohmann exceptions on anything but the output of `ToJson`; so do the others.
WorkerMeasurement WorkerMeasurementFromJson(const nlohmann::json& json);

nlohmann::json ToJson(const SystemUse& use);
SystemUse SystemUseFromJson(const nlohmann::json& json);

}  // namespace coresweep
