// Workload "sum_squares": a loop of integer arithmetic of known length; no memory, no floating
// point.
#pragma once

#include <memory>

#include "harness/core/workload.h"
#include "workloads/options.h"

namespace coresweep {

inline constexpr OptionRule kSumSquaresOptions[] = {
    {"cost", 100'000, 1, 1e12, true, "loop iterations per item"},
};

/// Item: an int64 start value. Answer: an int64 checksum of the squares of the `cost` values that
/// follow from it.
std::unique_ptr<Workload> MakeSumSquaresWorkload(const WorkloadSpec& spec,
                                                 const WorkloadContext& context);

}  // namespace coresweep
