// A sweep read back from its report, as far as the report holds it.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "harness/core/result.h"

namespace coresweep {

struct StoredSweep {
  /// With what verdicts, figures and sentences are made from: configuration, cells, skipped cells,
  /// trials (see `TrialFromReport`), calls, and of the host its CPU limits, nodes, environment and
  /// warnings. Where the order of trials was searched, the search as far as it could be told of
  /// them.
  SweepResult sweep;
  std::string wrong_order;  ///< why the plan does not ask for these trials; "" = it does
};

/// `report` is valid by the schema. Throws `UsageError` naming `origin` and the field where it is
/// of a version before 2.3, deterministic (which leaves out the host) or damaged.
StoredSweep SweepFromReport(const nlohmann::json& report, const std::string& origin);

}  // namespace coresweep
