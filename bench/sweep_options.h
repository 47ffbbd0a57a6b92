// The options of `run` and `plan`: declared to CLI11, merged over the suite file, parsed once.
#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/config.h"

namespace coresweep {

/// Suite file and options as the user gave them.
class SweepOptions {
 public:
  /// Declares the suite argument and one option for every key of a suite.
  void Declare(CLI::App& app);

  /// Reads the suite, lays the options over it, and returns both checked: also the workload, as far
  /// as that is possible without loading it. Throws `UsageError`.
  [[nodiscard]] SweepConfig Parse() const;

  /// One configuration of one cell: `sets`, words "KEY=VALUE" with the keys of a suite (and
  /// "options.NAME" for an option of the workload), laid over the options; axes that nobody gave
  /// have one value each: `workers` as many as usable CPUs, placement none, chunk 8. `origin` is
  /// the option that the words came from. Without a budget. Throws `UsageError`.
  [[nodiscard]] SweepConfig ParseCell(const std::vector<std::string>& sets,
                                      const std::string& origin, int usable_cpus) const;

  /// The configuration of an interrupted sweep: what was `requested` then, as `origin` (a journal)
  /// holds it, but for the budget, which is the one given now, or none. Throws `UsageError` naming
  /// an option or key that is given now and is no budget.
  [[nodiscard]] SweepConfig ParseResumed(nlohmann::json requested, const std::string& origin) const;

  /// Of the key `budget`; nullopt: none was given. Throws `UsageError`.
  [[nodiscard]] std::optional<double> BudgetSeconds() const;

  /// The text `word` from `origin` (an environment variable) for `key` where neither the suite nor
  /// an option has it. Throws `UsageError` when it is no UTF-8.
  void FallBackTo(const std::string& key, const std::string& word, const std::string& origin);

  /// What was asked for, before defaults: the value of `config.requested` in the report.
  [[nodiscard]] nlohmann::json Requested() const;

 private:
  [[nodiscard]] SweepConfig ParseMerged(const nlohmann::json& merged,
                                        const ConfigOrigins& origins) const;
  [[nodiscard]] ConfigOrigins Origins(const nlohmann::json& merged) const;

  struct Fallback {
    std::string word, origin;
  };

  std::string suite_;
  std::map<std::string, Fallback> fallbacks_;              ///< by key
  std::map<std::string, std::vector<std::string>> given_;  ///< option words by key
};

}  // namespace coresweep
