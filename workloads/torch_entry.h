// What the libtorch module offers to the program that loads it: two functions with C names.
#pragma once

#include "harness/core/workload.h"

namespace coresweep {

/// Makes a workload "torch" or "torchscript" as a `WorkloadFactory` does; the caller owns it.
using TorchMakeFunction = Workload*(const WorkloadSpec&, const WorkloadContext&);
inline constexpr const char* kTorchMakeSymbol = "coresweep_torch_make_workload";

/// Reads the facts of libtorch and of the libraries below it, in the calling thread.
using TorchRuntimeFunction = void(RuntimeFacts&);
inline constexpr const char* kTorchRuntimeSymbol = "coresweep_torch_read_runtime";

}  // namespace coresweep
