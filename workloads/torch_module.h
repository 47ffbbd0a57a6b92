// Loads the module with the libtorch workloads into a process that wants it.
#pragma once

#include <memory>

#include "harness/core/workload.h"

namespace coresweep {

/// False in a build with -DCORESWEEP_WITH_TORCH=OFF; the functions below then throw `Error`.
bool BuiltWithTorch();

/// Loads libtorch (about 0.3 s) unless it is there already; it stays for the life of the process.
/// Its file lies next to the program or, installed, in the library directory. Throws `Error`
/// naming the places when it is missing or does not load.
void LoadTorchModule();

/// Loads the module if needed and makes a workload in it.
std::unique_ptr<Workload> MakeTorchWorkload(const WorkloadSpec& spec,
                                            const WorkloadContext& context);

/// Loads the module if needed and reads libtorch's facts in the calling thread.
RuntimeFacts ReadTorchModuleRuntime();

}  // namespace coresweep
