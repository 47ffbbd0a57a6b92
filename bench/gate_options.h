// The options of `gate`: which arms, which metrics, which rule.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "bench/sweep_options.h"
#include "harness/core/gate_session.h"

namespace coresweep {

struct GateOptions {
  SweepOptions sweep;  ///< of both arms
  std::vector<std::string> base_sets;
  std::vector<std::string> candidate_sets;
  std::vector<std::string> base_programs;  ///< several: builds that differ in layout alone
  std::vector<std::string> candidate_programs;
  std::vector<std::string> metrics = {"throughput"};
  double tolerated_percent = 2;
  double must_catch_percent = 5;
  double alpha_percent = 1;
  int64_t most_blocks = 120;
  std::string block_value = "both";
  uint64_t gate_seed = 1;
  double launch_timeout_s = 600;
  std::string burn_in = "1";  ///< seconds, or "off"
  bool same_arms = false;
  std::vector<std::string> baselines;  ///< stored reports, or folders of them
  std::string candidate_report;
  std::vector<std::string> cells;  ///< with stored reports: parts of ids; empty: all
  std::string output;
  bool quiet = false;
  bool no_github = false;

  void Declare(CLI::App& app);
  [[nodiscard]] bool Stored() const { return !baselines.empty() || !candidate_report.empty(); }
  [[nodiscard]] bool Programs() const {
    return !base_programs.empty() || !candidate_programs.empty();
  }
  /// Whether `key` was given for either arm.
  [[nodiscard]] bool Has(const std::string& key) const;
  /// Rule and metrics, without what is known of the arms. Throws `UsageError`.
  [[nodiscard]] GateSetup Setup() const;
  /// Of `--burn-in`; 0: none. Throws `UsageError`.
  [[nodiscard]] double BurnInSeconds() const;
  /// Of `--budget` or the key of a suite, in nanoseconds; a week where none was given. Throws
  /// `UsageError`.
  [[nodiscard]] int64_t BudgetNs() const;

 private:
  void DeclareArms(CLI::App& app);
  void DeclareStored(CLI::App& app);
  void DeclareRule(CLI::App& app);
};

}  // namespace coresweep
