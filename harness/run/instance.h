// One instance of the workload inside a child: bound, loaded, warmed, read back and metered.
#pragma once

#include <algorithm>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "harness/core/chunk_runner.h"
#include "harness/core/measurement.h"
#include "harness/core/workload.h"
#include "harness/host/system_meter.h"
#include "harness/host/worker_meter.h"
#include "harness/ipc/start_gate.h"
#include "harness/run/worker_setup.h"

namespace coresweep {

/// What the program gives a child so that it can load workloads.
struct WorkloadRuntime {
  std::function<void(const WorkloadSpec&)> load_library;  ///< e.g. libtorch; before any instance
  WorkloadFactory make;
};

/// What was measured and read back before there was an instance.
struct ProcessStart {
  StartupTimes times;
  std::vector<MaskGroup> masks;  ///< after binding, before any library was loaded
};

/// Binds the calling thread, and so every thread it starts later, to `cpus` (list format). Throws
/// `Error` naming the CPUs, the reason and what is allowed.
void BindThread(const std::string& cpus);

/// Made, used and destroyed by one thread, which it binds first, its memory too.
class Instance {
 public:
  /// Instance number `position` of the process.
  Instance(const WorkerSetup& setup, int position, const WorkloadRuntime& runtime,
           const ProcessStart& start);

  [[nodiscard]] Workload& workload() { return *workload_; }
  [[nodiscard]] const WorkloadInfo& info() const { return info_; }
  [[nodiscard]] WorkerMeasurement& measurement() { return measurement_; }

  /// As `ChunkRunner::Run`.
  size_t Run(ItemRange range, std::span<std::byte> items, std::span<std::byte> answers) {
    return runner_->Run(range, items, answers);
  }

  /// Binds each computing thread to its CPUs, then runs the chunk sizes that the trial will run,
  /// cold and then until they are warm: the first runs of a TorchScript model, in each thread and
  /// for each shape, profile and compile.
  void WarmUp(int64_t chunk);

  /// Reads back what this thread and its runtime really use, after warm-up.
  void ReadBack();

  /// What is used is counted between the edges of `window`, at the first `Tick` after each. `gate`:
  /// where its end may come nearer; nullptr: it does not.
  void OpenWindow(Window window, const StartGate* gate = nullptr);
  /// To be called between chunks with the time of now; true when it took a reading, which costs
  /// some tens of microseconds.
  bool Tick(int64_t now_ns) { return now_ns >= NextEdgeNs() && TakeReading(); }
  /// No more chunks: reads the end if no `Tick` came after it, and reads everything back again.
  void CloseWindow();

  /// Of the whole trial; only in the instance that was given the sources.
  [[nodiscard]] const std::optional<SystemUse>& system_use() const { return system_use_; }

 private:
  enum class Edge { kNone, kBegin, kEnd };  ///< the next to be read

  [[nodiscard]] int64_t NextEdgeNs() const {
    switch (next_edge_) {
      case Edge::kBegin:
        return window_.begin_ns;
      case Edge::kEnd:
        return gate_ != nullptr ? std::min(window_.end_ns, gate_->EndNs()) : window_.end_ns;
      case Edge::kNone:
        break;
    }
    return std::numeric_limits<int64_t>::max();
  }
  void BindThreads();
  void WarmUpShape(int64_t count);
  bool TakeReading();
  void EndReading();
  [[nodiscard]] std::vector<MaskGroup> Masks() const;
  [[nodiscard]] Readback ReadThreads();

  bool alone_in_process_;
  std::vector<std::string> thread_cpus_;  ///< as in `InstancePlace`
  int64_t spawned_ns_;
  WorkerMeter meter_;
  std::optional<SystemMeter> system_meter_;
  std::unique_ptr<Workload> workload_;
  WorkloadInfo info_;
  std::optional<ChunkRunner> runner_;  ///< of `workload_` and `info_`
  WorkerMeasurement measurement_;
  std::optional<SystemUse> system_use_;
  Window window_;
  const StartGate* gate_ = nullptr;
  Edge next_edge_ = Edge::kNone;
};

}  // namespace coresweep
