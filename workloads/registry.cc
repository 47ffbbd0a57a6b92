#include "workloads/registry.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "harness/base/error.h"
#include "workloads/null_workload.h"
#include "workloads/spin_workload.h"
#include "workloads/sum_squares_workload.h"
#include "workloads/torch_module.h"
#include "workloads/torch_spec.h"

namespace coresweep {
namespace {

void CheckWithoutModel(const WorkloadSpec& spec) {
  if (spec.model.empty()) return;
  throw UsageError(
      fmt::format("--model {}: workload {} takes no model; drop it", spec.model, spec.name));
}

constexpr std::array<WorkloadEntry, 5> kTable = {{
    {"torch", "libtorch model with seeded weights: --model mlp, resnet18 or encoder", kTorchOptions,
     true, CheckTorchSpec, MakeTorchWorkload},
    {"torchscript", "TorchScript file: --model FILE.pt with --input-shape or --inputs",
     kTorchScriptOptions, true, CheckTorchScriptSpec, MakeTorchWorkload},
    {"sum_squares", "loop of integer arithmetic, `cost` iterations an item", kSumSquaresOptions,
     false, CheckWithoutModel, MakeSumSquaresWorkload},
    {"spin", "busy for `busy_us` microseconds an item", kSpinOptions, false, CheckWithoutModel,
     MakeSpinWorkload},
    {"null", "answers at once: the cost of the harness itself", kNullOptions, false,
     CheckWithoutModel, MakeNullWorkload},
}};

std::string KnownNames() {
  std::string names;
  for (const WorkloadEntry& entry : kTable)
    names += fmt::format("{}{}", names.empty() ? "" : ", ", entry.name);
  for (const std::string_view model : kTorchModels)
    names += fmt::format(", {}", model);
  return names;
}

const WorkloadEntry& EntryOf(const WorkloadSpec& spec) {
  const WorkloadEntry* entry = FindWorkload(spec.name);
  if (entry != nullptr) return *entry;
  throw UsageError(
      fmt::format("--workload {}: unknown workload; known are {}", spec.name, KnownNames()));
}

// Only a TorchScript file leaves open what its inputs are.
void CheckInputs(const WorkloadSpec& spec) {
  if (spec.name == "torchscript") return;
  const auto refuse = [&spec](std::string_view option) {
    throw UsageError(
        fmt::format("{}: workload {} makes its own inputs; drop it, or take "
                    "--workload torchscript",
                    option, spec.name));
  };
  if (!spec.inputs.empty()) refuse("--inputs " + spec.inputs);
  if (!spec.input_specs.empty()) refuse("--input-shape");
}

}  // namespace

std::span<const WorkloadEntry> WorkloadTable() {
  return kTable;
}

const WorkloadEntry* FindWorkload(std::string_view name) {
  const auto* entry = std::ranges::find(kTable, name, &WorkloadEntry::name);
  return entry == kTable.end() ? nullptr : entry;
}

WorkloadSpec NormalizeSpec(WorkloadSpec spec) {
  if (std::ranges::find(kTorchModels, spec.name) == kTorchModels.end()) return spec;
  if (!spec.model.empty() && spec.model != spec.name) {
    throw UsageError(fmt::format("--workload {} names the model already; drop --model {}",
                                 spec.name, spec.model));
  }
  spec.model = spec.name;
  spec.name = "torch";
  return spec;
}

void CheckWorkloadSpec(const WorkloadSpec& spec) {
  const WorkloadEntry& entry = EntryOf(spec);
  if (entry.uses_torch && !BuiltWithTorch()) {
    throw UsageError(
        fmt::format("--workload {}: this coresweep was built without libtorch "
                    "(CORESWEEP_WITH_TORCH=OFF); rebuild it with libtorch or take sum_squares, "
                    "spin or null",
                    spec.name));
  }
  CheckOptions(spec.name, entry.options, spec.options);
  if (spec.items && *spec.items < 1) {
    throw UsageError(fmt::format("--items {}: must be at least 1", *spec.items));
  }
  CheckInputs(spec);
  entry.check(spec);
}

void LoadWorkloadLibrary(const WorkloadSpec& spec) {
  if (EntryOf(spec).uses_torch) LoadTorchModule();
}

std::unique_ptr<Workload> MakeWorkload(const WorkloadSpec& spec, const WorkloadContext& context) {
  return EntryOf(spec).make(spec, context);
}

std::optional<RuntimeFacts> ReadTorchRuntime() {
  if (!BuiltWithTorch()) return std::nullopt;
  return ReadTorchModuleRuntime();
}

std::string BlasWarning(const RuntimeFacts& facts) {
  if (facts.blas_kind != "reference") return "";
  return fmt::format(
      "libtorch is bound to the slow reference BLAS ({}): a 1024x1024 linear layer runs at about "
      "4.5 GFLOP/s on one core where OpenBLAS reaches about 95; install it with `apt-get install "
      "libopenblas0-openmp`, or choose an installed one with `update-alternatives`",
      facts.blas_library);
}

}  // namespace coresweep
