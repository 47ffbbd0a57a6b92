// Workload "torch": the models built in C++.
#pragma once

#include <memory>

#include "harness/core/workload.h"

namespace coresweep {

/// Throws `UsageError` for an unknown model. Thread counts are set already.
std::unique_ptr<Workload> MakeModelWorkload(const WorkloadSpec& spec);

}  // namespace coresweep
