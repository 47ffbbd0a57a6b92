// The page of `coresweep compare`: container sizes beside each other, in words and a table.
#pragma once

#include <string>

#include "harness/core/sku_compare.h"

namespace coresweep {

/// First the answer, then which differences are real, what has to be known of the reports, the
/// table and the Pareto fronts; lines of at most `width` columns.
std::string RenderComparison(const SkuComparison& comparison, size_t width);

}  // namespace coresweep
