// A finished trial as one JSON value and back, without loss: a line of the journal.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "harness/core/result.h"

namespace coresweep {

/// Every field of `result`, doubles exactly, samples as columns. Dump it with the handler that
/// replaces what is not UTF-8, as the report does.
nlohmann::json ToJson(const TrialResult& result);

/// Throws `Error` naming the field that is missing, of another type or no value of its kind.
TrialResult TrialResultFromJson(const nlohmann::json& json);

}  // namespace coresweep
