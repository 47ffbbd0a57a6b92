// What a search found, as the report shows it.
#pragma once

#include "harness/core/result.h"
#include "reports/json_values.h"

namespace coresweep {

/// Value of "search": null where every cell was measured as often.
OrderedJson SearchJson(const SweepResult& sweep);

}  // namespace coresweep
