// What a worker reports when it is done, added to what is known of its trial.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "harness/core/measurement.h"

namespace coresweep {

/// Adds what a worker's last message, a report "done", says of it and of the system.
/// `items_in_window`: where the parent counted these; nullopt: the worker did. Throws nlohmann
/// exceptions or `Error` on anything but what a worker sends.
void AddReport(const nlohmann::json& report, std::optional<double> items_in_window,
               TrialMeasurement& measurement);

}  // namespace coresweep
