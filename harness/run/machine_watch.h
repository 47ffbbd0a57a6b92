// Watches the machine under a gate, from the gate's own process.
#pragma once

#include <optional>
#include <string>

#include "harness/base/clock.h"
#include "harness/base/cpu_set.h"
#include "harness/base/stop_signal.h"
#include "harness/core/burn_in.h"
#include "harness/core/machine_edge.h"
#include "harness/host/system_meter.h"

namespace coresweep {

/// What a gate asks about its machine.
class MachineWatch {
 public:
  virtual ~MachineWatch() = default;
  /// Steps of the sentinel's work: the same for the whole gate.
  [[nodiscard]] virtual int64_t SentinelSteps() const = 0;
  /// Runs the sentinel once.
  virtual SentinelTime Sentinel() = 0;
  /// What befell the container since the call before, or since this was made.
  virtual SystemUse SinceLast() = 0;
  virtual MachineEdge Edge() = 0;
};

/// This machine.
class HostWatch final : public MachineWatch {
 public:
  /// Calibrates the sentinel for 20 ms, which takes about as long. `cpu_stat_path` and `allowed`
  /// as in `FindSystemSources`.
  HostWatch(const std::string& cpu_stat_path, const CpuSet& allowed);
  [[nodiscard]] int64_t SentinelSteps() const override { return steps_; }
  SentinelTime Sentinel() override;
  SystemUse SinceLast() override;
  MachineEdge Edge() override;

 private:
  int64_t steps_;
  SystemMeter meter_;
};

/// Bounds are left as they are by default. Runs the sentinel for `seconds` of its own wall time, at
/// least 5 times, but no longer than 5 s; nullopt when a signal or the deadline cuts it off.
/// `seconds` above 0.
std::optional<BurnIn> RunBurnIn(MachineWatch& watch, double seconds, StopSignal* stop,
                                const Deadline& deadline);

}  // namespace coresweep
