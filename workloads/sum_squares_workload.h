// Workload "sum_squares": a loop of integer arithmetic of known length; no memory, no floating
// point.
#pragma once

#include <memory>

#include "harness/core/workload.h"
#include "workloads/options.h"

namespace coresweep {

inline constexpr OptionRule kSumSquaresOptions[] = {
    {"cost", 100'000, 1, 1e12, true, "loop iterations per value of an item"},
    {"values", 1, 1, 1 << 20, true, "values in an item"},
    {"vary", 0, 0, 1, false, "items have from (1 - vary) times `values` values up to that"},
};

/// Item: `values` int64 start values; with `vary` above 0 a number of them of its own, uniform
/// between (1 − vary) · values and values and at least 1, made from seed and item. Answer: an int64
/// checksum of the squares of the `cost` values that follow from each, so that an item takes as
/// long as it is.
std::unique_ptr<Workload> MakeSumSquaresWorkload(const WorkloadSpec& spec,
                                                 const WorkloadContext& context);

}  // namespace coresweep
