// The process that workers are forked from: it has loaded a workload's libraries and run nothing.
#pragma once

#include "harness/run/instance.h"

namespace coresweep {

/// What `coresweep zygote` is called with, and what its workers call themselves: of equal length,
/// for the name is overwritten in place.
inline constexpr char kZygoteCommand[] = "zygote";
inline constexpr char kWorkerCommand[] = "worker";
static_assert(sizeof kZygoteCommand == sizeof kWorkerCommand);

/// Reads a `WorkerSetup` from `kControlFd`, binds to its CPUs and loads its library under the
/// environment that it was started with, since libraries read both as they are loaded. Sends
/// {"kind": "ready"}, or {"kind": "refused", "message"} and returns 1: the library is missing, or
/// has started threads, which a fork would lose. Then for every {"kind": "fork", "fds": [3, …]}
/// with so many descriptors it forks a process with these under those numbers and sends
/// {"kind": "forked", "pid"}. Ends with its parent. `command`: argv[1], `kZygoteCommand`.
///
/// Returns the exit code twice over: of the zygote, and of each worker, which is the child of the
/// nearest subreaper (the parent), leads a process group and has run `WorkerMain`.
int ZygoteMain(const WorkloadRuntime& runtime, char* command);

}  // namespace coresweep
