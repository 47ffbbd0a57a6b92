// Workload "null": answers at once, so that what is measured is the harness alone.
#pragma once

#include <memory>

#include "harness/core/workload.h"
#include "workloads/options.h"

namespace coresweep {

inline constexpr OptionRule kNullOptions[] = {
    {"item_bytes", 64, 8, 1 << 28, true, "bytes of one item"},
    {"answer_bytes", 64, 8, 1 << 28, true, "bytes of one answer"},
};

/// Item: its number (8 bytes, native order), then bytes made from the seed. Answer: the leading
/// bytes of the item, and zeros where the answer is longer.
std::unique_ptr<Workload> MakeNullWorkload(const WorkloadSpec& spec,
                                           const WorkloadContext& context);

}  // namespace coresweep
