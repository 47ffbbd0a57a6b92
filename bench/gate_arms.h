// The two arms of a gate, made ready, and whether they are the same thing.
#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "bench/gate_options.h"
#include "bench/one_cell.h"
#include "reports/gate_report.h"

namespace coresweep {

/// A folder of our own below the system's temporary one, removed with all that is in it.
class ScratchFolder {
 public:
  /// Throws `Error` when it cannot be made.
  ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder();
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Cells of this program, or, as soon as one arm is a program, two programs.
class GateArms {
 public:
  /// Throws `UsageError` for what the user can mend, `TrialFailure` when a workload does not load.
  GateArms(const GateOptions& options, const HostFacts& facts, const ProcessContext& context,
           Progress& progress);

  [[nodiscard]] Arm& base() { return *base_.arm; }
  [[nodiscard]] Arm& candidate() { return *candidate_.arm; }
  [[nodiscard]] const GateArmFacts& base_facts() const { return base_.facts; }
  [[nodiscard]] const GateArmFacts& candidate_facts() const { return candidate_.facts; }
  /// What the launches of A are to be; B's may differ in window and warm-up, of which the longer
  /// counts.
  [[nodiscard]] LaunchSettings settings() const;
  /// Of every launch of both arms from now on. @throws Error when a suite cannot be written.
  void Apply(const LaunchSettings& settings);
  [[nodiscard]] CalibrationBounds bounds() const;
  /// Whether a rate sets the work of either arm.
  [[nodiscard]] bool OpenLoad() const {
    return base_.config.open_load || candidate_.config.open_load;
  }
  /// Same programs, same configuration, same model.
  [[nodiscard]] bool Identical() const;
  /// As in `GateSetup`.
  [[nodiscard]] std::array<int64_t, 2> Builds() const;

 private:
  struct Side {
    GateArmFacts facts;
    SweepConfig config;
    Cell planned;                 ///< of `config`
    LaunchSettings settings;      ///< asked for
    int64_t pass_items = 0;       ///< 0: not known
    std::filesystem::path suite;  ///< of a program
    std::unique_ptr<OneCell> cell;
    std::unique_ptr<BuildsArm> programs;
    std::vector<std::string> digests;  ///< of the programs, sorted
    Arm* arm = nullptr;
  };
  /// How the user names a side.
  struct SideNames {
    const char* file;  ///< of equal length: what a program is called can change its memory
    const char* option;
  };
  void MakeCells(const SweepConfig& base, const SweepConfig& candidate, const HostFacts& facts,
                 const ProcessContext& context, Progress& progress);
  void MakePrograms(Side& side, const SideNames& names, std::vector<std::string> programs,
                    const ProgramArm::Call& common);

  std::unique_ptr<ScratchFolder> scratch_;
  Side base_;
  Side candidate_;
};

}  // namespace coresweep
