// One configuration made ready to be launched: planned, its workload loaded once, its reference
// made.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "bench/progress.h"
#include "harness/core/config.h"
#include "harness/core/gate_calibration.h"
#include "harness/core/host_facts.h"
#include "harness/core/plan.h"
#include "harness/run/arm.h"
#include "harness/run/reference.h"
#include "harness/run/zygotes.h"

namespace coresweep {

/// The only cell of `config` besides its controls. Throws `UsageError`, beginning with `name`, when
/// there are more or none, saying which axes have several values or why it cannot be run.
PlannedCell PlanOneCell(const SweepConfig& config, const HostFacts& facts, const std::string& name);

/// A program that is started for one launch has nothing to gain from a zygote. Throws `UsageError`,
/// beginning with `name`, when `config` asks for one.
void RequireSpawn(const SweepConfig& config, const std::string& name);

/// What `config` gives every launch, its window no shorter than three periods of a CPU quota.
LaunchSettings SettingsOf(const SweepConfig& config, const HostFacts& facts);
/// Items below which a window says little: four chunks of each worker.
int64_t LeastWorkOf(const Cell& cell);
void ApplyTo(SweepConfig& config, const LaunchSettings& settings);

/// Stays where it is made: the arm refers to it.
class OneCell {
 public:
  /// Throws as `PlanOneCell` and `RunReference`, and `UsageError` when the cell cannot be run with
  /// this workload.
  OneCell(SweepConfig config, const HostFacts& facts, const ProcessContext& context,
          Progress& progress, const std::string& name);
  OneCell(const OneCell&) = delete;
  OneCell& operator=(const OneCell&) = delete;
  ~OneCell() = default;

  /// Of every launch from now on.
  void Apply(const LaunchSettings& settings);
  [[nodiscard]] const PlannedCell& planned() const { return planned_; }
  [[nodiscard]] const SweepConfig& config() const { return config_; }
  [[nodiscard]] const ReferenceData& reference() const { return reference_; }
  [[nodiscard]] Arm& arm() { return *arm_; }

 private:
  SweepConfig config_;
  std::optional<Zygotes> zygotes_;
  ProcessContext context_;
  PlannedCell planned_;
  ReferenceData reference_;
  std::unique_ptr<CellArm> arm_;
};

}  // namespace coresweep
