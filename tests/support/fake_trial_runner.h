// Trials without processes, with outcomes and figures that a test chooses.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "harness/run/trial_runner.h"
#include "tests/support/example_sweep.h"

namespace coresweep {

/// Gives each trial what `measure` says and writes down which trials it ran.
class FakeTrialRunner final : public TrialRunner {
 public:
  using Measure = std::function<TrialMeasurement(const PlannedCell&, const Trial&)>;

  /// Without `measure` every trial is good: 100 items/s for each of its workers.
  explicit FakeTrialRunner(Measure measure = {}) : measure_(std::move(measure)) {}

  TrialMeasurement Run(const PlannedCell& planned, const Trial& trial) override {
    ran_.push_back(planned.cell.Id() + "#" + std::to_string(trial.repetition));
    if (measure_) return measure_(planned, trial);
    return example::GoodMeasurement(100.0 * planned.cell.workers);
  }

  /// "processes/w2/t1/compact/c8/shm#0", in the order in which they ran.
  [[nodiscard]] const std::vector<std::string>& ran() const { return ran_; }

 private:
  Measure measure_;
  std::vector<std::string> ran_;
};

}  // namespace coresweep
