// The table of workloads, and what the program does with a workload before and while it runs.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "harness/core/workload.h"
#include "workloads/options.h"

namespace coresweep {

/// One row of the table of workloads.
struct WorkloadEntry {
  std::string_view name;
  std::string_view summary;  ///< for --help
  std::span<const OptionRule> options;
  bool uses_torch = false;             ///< made in the libtorch module
  void (*check)(const WorkloadSpec&);  ///< what the row asks for beyond its options
  std::unique_ptr<Workload> (*make)(const WorkloadSpec&, const WorkloadContext&);
};

/// All workloads, also those that this build cannot run.
std::span<const WorkloadEntry> WorkloadTable();

/// The row of that name; nullptr: unknown.
const WorkloadEntry* FindWorkload(std::string_view name);

/// Names of models stand for workload "torch" with that model: "encoder" becomes "torch" with model
/// "encoder". Throws `UsageError` when another model is named beside it.
WorkloadSpec NormalizeSpec(WorkloadSpec spec);

/// Checks a normalised spec as far as that is possible without loading anything. Throws
/// `UsageError` naming the command-line option at fault.
void CheckWorkloadSpec(const WorkloadSpec& spec);

/// Loads the library that the workload needs, a no-op for most. Throws `Error` when it is missing.
void LoadWorkloadLibrary(const WorkloadSpec& spec);

/// Makes one instance of a normalised spec in the calling thread, which must be the one that will
/// run it. A `WorkloadFactory`.
std::unique_ptr<Workload> MakeWorkload(const WorkloadSpec& spec, const WorkloadContext& context);

/// Loads libtorch into this process and reads its facts, in the calling thread; nullopt when built
/// without. Throws `Error` when the module is missing.
std::optional<RuntimeFacts> ReadTorchRuntime();

/// One line with the remedy when libtorch is bound to the slow reference BLAS; "" otherwise.
std::string BlasWarning(const RuntimeFacts& facts);

}  // namespace coresweep
