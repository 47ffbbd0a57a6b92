// Role `drive`: modes `serial`, `independent` and `threads`, which need no dispatcher.
#pragma once

#include <span>

#include "harness/core/sample_log.h"
#include "harness/ipc/control.h"
#include "harness/run/instance.h"

namespace coresweep {

/// Works through its share of the chunk sequence from the gate to the end of the window, with the
/// items already inside the process. One instance: chunks index, index + stride, … Several: each in
/// a thread of its own, taking the next chunk as it comes free and merging in input order.
void Drive(const WorkerSetup& setup, const WorkloadRuntime& runtime, const ProcessStart& start,
           const ControlEnd& control);

/// Size of the region behind `kSamplesFd`.
size_t SamplesRegionBytes();

/// What a driving process left in its samples region.
struct DrivenSamples {
  std::vector<ChunkSample> samples;
  uint64_t total = 0;
  uint64_t stride = 1;
};
DrivenSamples ReadSamples(std::span<const std::byte> region);

}  // namespace coresweep
