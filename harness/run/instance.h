// One instance of the workload inside a child: bound, loaded, warmed and read back.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "harness/core/measurement.h"
#include "harness/core/workload.h"
#include "harness/run/worker_setup.h"

namespace coresweep {

/// What the program gives a child so that it can load workloads.
struct WorkloadRuntime {
  std::function<void(const WorkloadSpec&)> load_library;  ///< e.g. libtorch; before any instance
  WorkloadFactory make;
};

/// Binds the calling thread, and so every thread it starts later, to `cpus` (list format). Throws
/// `Error` naming the CPUs, the reason and what is allowed.
void BindThread(const std::string& cpus);

/// Made, used and destroyed by one thread, which it binds first.
class Instance {
 public:
  /// Instance number `position` of the process. `startup` holds what was measured so far.
  Instance(const WorkerSetup& setup, int position, const WorkloadRuntime& runtime,
           const StartupTimes& startup);

  [[nodiscard]] Workload& workload() { return *workload_; }
  [[nodiscard]] const WorkloadInfo& info() const { return info_; }
  [[nodiscard]] WorkerMeasurement& measurement() { return measurement_; }

  /// Runs the chunk sizes that the trial will run, cold and then until they are warm: the first
  /// runs of a TorchScript model, in each thread and for each shape, profile and compile.
  void WarmUp(int64_t chunk);

  /// Reads back what this thread and its runtime really use, after warm-up.
  void ReadBack(bool alone_in_process);

  /// Marks the start and the end of what is counted as this instance's use: of the whole process
  /// with all its intra-op threads, or, beside other instances, of the calling thread.
  void BeginUse(bool alone_in_process);
  void EndUse(bool alone_in_process);

 private:
  void WarmUpShape(int64_t count);

  std::unique_ptr<Workload> workload_;
  WorkloadInfo info_;
  int64_t spawned_ns_;
  WorkerMeasurement measurement_;
};

}  // namespace coresweep
