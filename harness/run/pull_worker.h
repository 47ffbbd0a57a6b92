// Role `pull`: a worker that takes its chunks from a board that it shares with the others.
#pragma once

#include "harness/ipc/control.h"
#include "harness/run/instance.h"

namespace coresweep {

/// Loads, reports ready, then computes chunks until the window ends, and reports what was measured.
void ServeBoard(const WorkerSetup& setup, const WorkloadRuntime& runtime, const ProcessStart& start,
                const ControlEnd& control);

}  // namespace coresweep
