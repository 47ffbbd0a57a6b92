// A report without what differs from call to call although nothing changed: for diffs.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace coresweep {

/// `report`, valid by its schema, still valid, with "deterministic": true and without when, where
/// and by which call it was measured: `created`, `started`, `took_ms`, `total_s`, `used_s`, `time`,
/// `argv` and `pid` are null, and everything in `host` is null, or 0, "", false or empty where the
/// schema wants a value. What was measured stays.
nlohmann::json DeterministicReport(nlohmann::json report);

}  // namespace coresweep
