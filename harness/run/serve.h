// Role `serve`: a worker of mode `processes`.
#pragma once

#include "harness/ipc/control.h"
#include "harness/run/instance.h"

namespace coresweep {

/// Answers the chunks that the transport brings until told to stop, then reports over `control`.
void Serve(const WorkerSetup& setup, const WorkloadRuntime& runtime, const ProcessStart& start,
           const ControlEnd& control);

}  // namespace coresweep
