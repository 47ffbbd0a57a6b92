// Role `reference`: the child that makes the items and the serial reference of a sweep.
#pragma once

#include "harness/ipc/control.h"
#include "harness/run/instance.h"

namespace coresweep {

/// Makes all items and, for each chunk size of `setup.chunks`, the serial answers. Sends over
/// `control`: {"kind":"progress","done","total"} now and then, at the end {"kind":"reference",…}
/// with two descriptors, the items region and the reference region (see harness/run/reference.h).
void MakeReference(const WorkerSetup& setup, const WorkloadRuntime& runtime,
                   const ControlEnd& control);

}  // namespace coresweep
