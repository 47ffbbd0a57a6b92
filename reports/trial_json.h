// One trial as JSON, with its raw samples.
#pragma once

#include <nlohmann/json.hpp>

#include "harness/core/result.h"

namespace coresweep {

/// One entry of "trials": sweep.trials[order]. At most `most_samples` (>= 1) samples, evenly
/// spread; "stride" then tells how many chunks stand behind each.
nlohmann::ordered_json TrialJson(const SweepResult& sweep, size_t order, size_t most_samples);

/// Samples that one of so many trials may show: 2,000, and fewer in a long sweep, so that the
/// report of any sweep, which is written anew after each trial, stays within some ten megabytes.
size_t SamplesPerTrial(int64_t trials);

}  // namespace coresweep
