// The figures of `coresweep transports` as JSON.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "harness/core/transport_figures.h"

namespace coresweep {

/// {"schema": "coresweep.transports", "version": 1, …}: every number with its unit in the key, null
/// for what was not measured. reports/README.md explains the fields.
nlohmann::ordered_json ToJson(const TransportSurvey& survey);

}  // namespace coresweep
