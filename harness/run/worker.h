// The body of every child process of the program.
#pragma once

#include <cstdint>
#include <string>

#include "harness/ipc/control.h"
#include "harness/run/instance.h"

namespace coresweep {

/// Runs the role that the parent sends over `kControlFd` and returns the exit code: 0, or 1 after
/// an error that was reported over the control connection. `main_ns`: NowNs() at the start of main.
/// Order: die with the parent, bind, load libraries, make and warm the instances, read back, say
/// ready, wait for the gate, work, report.
int WorkerMain(const WorkloadRuntime& runtime, int64_t main_ns);

/// What the parent sends first. Throws `Error` when nothing comes within a minute.
WorkerSetup ReceiveSetup(const ControlEnd& control);

/// All CPUs of all instances, in list format: a process is bound to them before any library starts
/// threads or counts the CPUs that there are.
std::string UnionOfCpus(const WorkerSetup& setup);

}  // namespace coresweep
