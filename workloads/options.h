// Reading and checking of --option key=value, and of what else all workloads share.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "harness/core/workload.h"

namespace coresweep {

/// One option of one workload; all options are numbers.
struct OptionRule {
  std::string_view key;
  double fallback = 0;  ///< value when the user gives none
  double least = 0;
  double most = 0;
  bool whole = false;  ///< only whole numbers
  std::string_view summary;
};

using OptionValues = std::map<std::string, std::string>;

/// Throws `UsageError` for a key that `rules` do not have (naming those they have) and for a value
/// that is no number, not whole where it must be, or out of range.
void CheckOptions(std::string_view workload, std::span<const OptionRule> rules,
                  const OptionValues& values);

/// The value of option `key`, which `rules` must have; checked as by `CheckOptions`.
double NumberOption(std::span<const OptionRule> rules, const OptionValues& values,
                    std::string_view key);
/// The same for an option with `whole`.
int64_t WholeOption(std::span<const OptionRule> rules, const OptionValues& values,
                    std::string_view key);

/// Number of items to make: the user's, else `fallback` raised to the largest chunk of the sweep.
int64_t ItemCount(const WorkloadSpec& spec, int64_t fallback);

/// Digest of `name` and of all options with their values, given or not: for workloads without a
/// model.
std::string OptionsDigest(std::string_view name, std::span<const OptionRule> rules,
                          const OptionValues& values);

}  // namespace coresweep
