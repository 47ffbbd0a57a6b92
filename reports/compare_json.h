// The JSON of `coresweep compare`.
#pragma once

#include "harness/core/sku_compare.h"
#include "reports/json_values.h"

namespace coresweep {

/// Schema coresweep.comparison, version 1.0; reports/README.md has its keys.
OrderedJson ToJson(const SkuComparison& comparison);

}  // namespace coresweep
