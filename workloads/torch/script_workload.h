// Workload "torchscript": any TorchScript file.
#pragma once

#include <memory>

#include "harness/core/workload.h"

namespace coresweep {

/// Loads the file and finds the shape of its answers by running it on a few items. Throws
/// `UsageError` when the file is not TorchScript, when the model refuses the inputs, or when its
/// outputs are not tensors with a batch dimension. Thread counts are set already.
std::unique_ptr<Workload> MakeScriptWorkload(const WorkloadSpec& spec,
                                             const WorkloadContext& context);

}  // namespace coresweep
