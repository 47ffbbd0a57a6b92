#include "harness/run/worker.h"

#include <fcntl.h>

#include <nlohmann/json.hpp>

#include "harness/base/child_process.h"
#include "harness/base/clock.h"
#include "harness/base/cpu_set.h"
#include "harness/base/error.h"
#include "harness/base/memory.h"
#include "harness/base/stop_signal.h"
#include "harness/host/thread_readback.h"
#include "harness/ipc/control.h"
#include "harness/run/drive.h"
#include "harness/run/fault.h"
#include "harness/run/pull_worker.h"
#include "harness/run/reference_maker.h"
#include "harness/run/serve.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;

void RunRole(const WorkerSetup& setup, const WorkloadRuntime& runtime, const ControlEnd& control,
             int64_t main_ns) {
  DieWithParent(setup.parent_pid);
  const auto fault = ParseFault(setup.fault);
  if (setup.role != WorkerRole::kReference) MaybeEndAtStart(fault, setup.index);
  BindThread(UnionOfCpus(setup));
  ProcessStart start;
  start.masks = ReadThreadMasks();
  start.times.main_ns = main_ns - setup.spawned_ns;
  const int64_t library_begin_ns = NowNs();
  runtime.load_library(setup.workload);
  start.times.library_ns = NowNs() - library_begin_ns;
  switch (setup.role) {
    case WorkerRole::kReference:
      return MakeReference(setup, runtime, control);
    case WorkerRole::kServe:
      return Serve(setup, runtime, start, control);
    case WorkerRole::kPull:
      return ServeBoard(setup, runtime, start, control);
    case WorkerRole::kDrive:
      return Drive(setup, runtime, start, control);
  }
}

void ReportError(const ControlEnd& control, const char* what, bool usage) {
  try {
    const Json message{{"kind", "error"}, {"message", what}, {"usage", usage}};
    control.Send(message.dump(-1, ' ', false, Json::error_handler_t::replace));
  } catch (const std::exception&) {
    // The parent has gone; there is nobody left to tell.
  }
}

}  // namespace

WorkerSetup ReceiveSetup(const ControlEnd& control) {
  const auto message = control.Receive(Deadline::After(60 * kNsPerS));
  if (!message) throw Error("the parent sent no instructions");
  return WorkerSetupFromJson(Json::parse(message->text));
}

std::string UnionOfCpus(const WorkerSetup& setup) {
  CpuSet all;
  for (const InstancePlace& place : setup.places)
    all = all.Union(CpuSet::Parse(place.cpus).value());
  return all.ToList();
}

int WorkerMain(const WorkloadRuntime& runtime, int64_t main_ns) {
  RestoreDefaultSignals();
  KeepFreedMemory();
  fcntl(kControlFd, F_SETFD, FD_CLOEXEC);
  const ControlEnd control{UniqueFd(kControlFd)};
  try {
    RunRole(ReceiveSetup(control), runtime, control, main_ns);
    return 0;
  } catch (const UsageError& error) {
    ReportError(control, error.what(), true);
  } catch (const std::exception& error) {
    ReportError(control, error.what(), false);
  }
  return 1;
}

}  // namespace coresweep
