// The machine or container that a plan is for, which need not be this one.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/host_facts.h"

namespace coresweep {

/// The options --topology, --allowed and --cpu-quota.
class HostOptions {
 public:
  void DeclareTopology(CLI::App& command);
  void DeclareCpuQuota(CLI::App& command);

  /// The machine with the part of it that is asked for; of this machine only what may be used.
  /// Throws `UsageError` naming the option.
  [[nodiscard]] Machine ReadMachine() const;
  /// The facts to plan with: of this host, or of the one that is asked for. `environment` holds
  /// "NAME=value" strings.
  [[nodiscard]] HostFacts ReadFacts(const std::vector<std::string>& environment) const;

  /// The topology of another machine; "" = this machine.
  [[nodiscard]] std::string Foreign() const { return topology_.value_or(""); }
  /// "a plan for another machine (…): nothing is bound"; "" where the plan is for this container.
  [[nodiscard]] std::string Notice() const;

 private:
  [[nodiscard]] std::optional<CpuSet> Allowed() const;

  std::optional<std::string> topology_;
  std::optional<std::string> allowed_;
  std::optional<double> cpu_quota_;
};

/// A check of an option's value: a number from `least` to `most`. CLI11's own lets "nan" pass.
CLI::Validator NumberFrom(double least, double most);

/// Facts of a container that one does not have: on the machine `source` (as `ReadMachineFrom`), on
/// its CPUs `allowed` (all that it allows if not given), with `cpu_quota` CPUs' worth of time.
HostFacts FactsOfForeign(const std::string& source, const std::optional<CpuSet>& allowed,
                         std::optional<double> cpu_quota);

}  // namespace coresweep
