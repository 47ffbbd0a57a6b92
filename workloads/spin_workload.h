// Workload "spin": keeps a CPU busy for a known time per item.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "harness/core/workload.h"
#include "workloads/options.h"

namespace coresweep {

inline constexpr OptionRule kSpinOptions[] = {
    {"busy_us", 100, 1, 1e7, false, "CPU time per item in microseconds"},
    {"iterations", 0, 0, 1e12, true,
     "loop iterations per item, the same in every process; 0: what takes busy_us here"},
    {"slowdown", 0, 0, 100, false, "adds this fraction of the work: 0.05 is 5 % more"},
};

constexpr int64_t kCalibrationIterations = 500'000;

/// Loop iterations of this CPU in a microsecond, by the fastest of short runs of
/// `kCalibrationIterations` that took `took_ns` each, in the thread's CPU time: neither another
/// process on the CPU nor a throttled moment lowers it. Times that no CPU is fast enough for are
/// left out: some emulated machines have clocks that stand or go back. Throws `Error` when none is
/// left.
double IterationsPerUs(std::span<const int64_t> took_ns);

/// Item: an int64. Answer: an int64 that depends on the item alone. Runs a fixed number of
/// iterations, given or calibrated once per process, so that CPU time taken away makes it late, as
/// it does a model; a loop that watched the clock would hide just that.
std::unique_ptr<Workload> MakeSpinWorkload(const WorkloadSpec& spec,
                                           const WorkloadContext& context);

}  // namespace coresweep
