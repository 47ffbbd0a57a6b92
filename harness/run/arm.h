// An arm of a comparison: launched again and again, each time with fresh processes.
#pragma once

#include <string>
#include <vector>

#include "harness/base/stop_signal.h"
#include "harness/core/launch.h"
#include "harness/run/process_trial_runner.h"

namespace coresweep {

class Arm {
 public:
  virtual ~Arm() = default;
  /// One launch. Never throws for what befalls it: that is its outcome.
  virtual Launch Run() = 0;
  /// The launches from now on are of this build, from 0. No effect where there is but one.
  virtual void Choose(int64_t /*build*/) {}
};

/// A cell of this program. What it refers to outlives it.
class CellArm final : public Arm {
 public:
  CellArm(const TrialEnvironment& environment, const PlannedCell& planned)
      : runner_(environment), planned_(planned) {}
  Launch Run() override { return LaunchOf(runner_.Run(planned_, {})); }

 private:
  ProcessTrialRunner runner_;
  const PlannedCell& planned_;
};

/// Another program, or another build of this one, called as `PROGRAM launch ARGUMENTS… -o FILE`; it
/// writes one launch as `coresweep launch` does. A program that writes something else, says
/// ok and does not exit with 0, or is not done within `timeout_s`, is a launch that failed.
class ProgramArm final : public Arm {
 public:
  struct Call {
    std::string program;
    std::vector<std::string> arguments;
    std::vector<std::string> environment;  ///< "NAME=value"
    std::string file;                      ///< for the launch; made and removed by each `Run`
    double timeout_s = 600;
    StopSignal* stop = nullptr;
  };
  explicit ProgramArm(Call call) : call_(std::move(call)) {}
  Launch Run() override;

 private:
  Call call_;
};

/// Builds of one program that differ in their layout alone.
class BuildsArm final : public Arm {
 public:
  /// At least one.
  explicit BuildsArm(std::vector<ProgramArm> builds) : builds_(std::move(builds)) {}
  Launch Run() override { return builds_.at(chosen_).Run(); }
  void Choose(int64_t build) override { chosen_ = static_cast<size_t>(build); }

 private:
  std::vector<ProgramArm> builds_;
  size_t chosen_ = 0;
};

}  // namespace coresweep
