// What one report says that a comparison of container sizes ("SKUs") needs.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/core/costed_run.h"

namespace coresweep {

struct SkuCell {
  CostedCell costed;
  std::optional<double> p50_us, p99_us;  ///< latency of a chunk
  std::optional<double> speedup;         ///< over one process
};

/// CPUs and memory of a container as its report has them.
struct SkuLimits {
  std::optional<double> allowed;       ///< CPUs that may be used
  std::optional<double> quota;         ///< CPUs' worth of time; nullopt: none is visible
  std::optional<double> measured;      ///< CPUs' worth of time that the spin test got
  std::optional<double> memory_bytes;  ///< nullopt: no limit is visible

  /// What the size is called by: the quota, or the CPUs allowed where there is none.
  [[nodiscard]] std::optional<double> NominalCpus() const;
  /// What was really there: the least of all that is known.
  [[nodiscard]] std::optional<double> UsableCpus() const;
  /// "1.5 CPUs, 2 GiB": stands in for a label.
  [[nodiscard]] std::string Description() const;
};

struct SkuReport {
  std::string file;
  std::string created;         ///< RFC 3339; "" where the report does not say
  std::string sku;             ///< label; "" where the report has none
  std::string instance, boot;  ///< of `ContainerIdentity`; "" where the report has none
  std::string cpu_model, architecture;
  SkuLimits limits;
  bool finished = false;
  /// What must be equal for two reports to be comparable: "model", "workload", "items", "build",
  /// "measuring", and its value as text.
  std::vector<std::pair<std::string, std::string>> identity;
  std::vector<SkuCell> cells;
  bool searched = false;  ///< `choice` is that of a search; else the cells are a grid
  std::string choice;     ///< "" where a search ended without one
};

/// Names of what `SkuReport::identity` has, in its order.
const std::vector<std::string>& SkuIdentityNames();

/// Throws `UsageError` naming `origin` as `ReadCostedRun` does. Needs of the report: schema, tool,
/// created, finished, host, container, workload, config, search, cells, trials.
SkuReport ReadSkuReport(const nlohmann::json& report, const std::string& origin);

}  // namespace coresweep
