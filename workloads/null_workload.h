// Workload "null": answers at once, so that what is measured is the harness alone.
#pragma once

#include <memory>

#include "harness/core/workload.h"
#include "workloads/options.h"

namespace coresweep {

inline constexpr OptionRule kNullOptions[] = {
    {"item_bytes", 64, 8, 1 << 28, true, "bytes of one item"},
    {"answer_bytes", 64, 8, 1 << 28, true, "bytes of one answer"},
    {"vary", 0, 0, 1, false, "items vary in size from (1 - vary) times item_bytes up to that"},
    {"vary_answers", 0, 0, 1, false, "answers vary likewise, from their items' numbers"},
};

/// Item: its number (8 bytes, native order), then bytes made from the seed. Answer: the leading
/// bytes of the item, and zeros where the answer is longer. With `vary` above 0 items have sizes of
/// their own, uniform between (1 − vary) · item_bytes and item_bytes and at least the 8 bytes of
/// the number, made from seed and number; with `vary_answers` so do answers.
std::unique_ptr<Workload> MakeNullWorkload(const WorkloadSpec& spec,
                                           const WorkloadContext& context);

}  // namespace coresweep
