// What the console says of open load and of scenarios.
#pragma once

#include <string>
#include <vector>

#include "harness/core/result.h"

namespace coresweep {

/// A line for each shape under open load: the highest rate it sustains, with its p99 and how late
/// the harness itself was; for scenario single-stream a line with the p90. Empty where neither was
/// asked for.
std::vector<std::string> LoadLines(const SweepResult& sweep, const std::vector<CellResult>& cells);

}  // namespace coresweep
