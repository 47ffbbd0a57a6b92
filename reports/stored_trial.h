// A trial of a report read back: what was measured, without what was made of it.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "harness/core/result.h"

namespace coresweep {

/// One element of "workers" of a trial. Throws `Error` naming the field that is missing or of
/// another type.
WorkerMeasurement WorkerFromReport(const nlohmann::json& json);

/// One element of "trials". Times are exact to the nanosecond, but the gate is at an arbitrary
/// moment (a report counts from it) and the start is not read; samples are those that the report
/// kept, each of which stands for "stride" chunks. `cells` are the ids of the cells in their order.
/// Throws as `WorkerFromReport`, and `Error` for a cell that is not among them.
TrialResult TrialFromReport(const nlohmann::json& json, const std::vector<std::string>& cells);

/// Whether the report holds every sample that the figures of its cell were made from.
bool HasAllSamples(const nlohmann::json& trial);

}  // namespace coresweep
