// The JSON of `coresweep cost`.
#pragma once

#include "reports/cost_report.h"
#include "reports/json_values.h"

namespace coresweep {

/// Schema coresweep.cost, version 1 (reports/README.md).
OrderedJson ToJson(const CostReport& report);

/// Of `coresweep cost --list`.
OrderedJson ToJson(const std::vector<NamedBook>& books);

}  // namespace coresweep
