// How the cells of a sweep scale with their workers, in JSON and in words.
#pragma once

#include <string>
#include <vector>

#include "harness/core/scaling.h"
#include "reports/json_values.h"

namespace coresweep {

/// Value of "scaling": one object a group.
OrderedJson ScalingJson(const std::vector<ScalingGroup>& groups);

/// One line for each group that a law fits, the first `most` of them: what the law says, and of
/// more workers than were measured that it is an extrapolation.
std::vector<std::string> ScalingLines(const std::vector<ScalingGroup>& groups, size_t most);

/// The same lines of the value of "scaling" in a stored report.
std::vector<std::string> StoredScalingLines(const nlohmann::json& scaling, size_t most);

}  // namespace coresweep
