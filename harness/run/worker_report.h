// What a worker reports when it is done: plain structs as JSON, both ways.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "harness/core/measurement.h"

namespace coresweep {

nlohmann::json ToJson(const WorkerMeasurement& worker);
/// Throws nlohmann exceptions on anything but the output of `ToJson`; so do the others.
WorkerMeasurement WorkerMeasurementFromJson(const nlohmann::json& json);

/// Adds what a worker's last message, a report "done", says of it and of the system.
/// `items_in_window`: where the parent counted these; nullopt: the worker did.
void AddReport(const nlohmann::json& report, std::optional<double> items_in_window,
               TrialMeasurement& measurement);

}  // namespace coresweep
