// What may be asked of the libtorch workloads, checked without loading libtorch.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "harness/core/workload.h"
#include "workloads/options.h"

namespace coresweep {

/// Models of workload "torch".
inline constexpr std::array<std::string_view, 3> kTorchModels = {"mlp", "resnet18", "encoder"};

inline constexpr OptionRule kTorchOptions[] = {
    {"atol", 1e-5, 0, 1e30, false, "absolute tolerance of answers against the serial reference"},
    {"rtol", 1e-4, 0, 1e30, false, "relative tolerance of answers against the serial reference"},
};

inline constexpr OptionRule kTorchScriptOptions[] = {
    {"atol", 1e-5, 0, 1e30, false,
     "absolute tolerance of answers (half precision: wider by default)"},
    {"rtol", 1e-4, 0, 1e30, false,
     "relative tolerance of answers (half precision: wider by default)"},
    {"input_low", 0, -0x1p31, 0x1p31, true, "least value of made integer inputs"},
    {"input_high", 100, -0x1p31, 0x1p31, true, "value above the greatest of made integer inputs"},
};

/// Throws `UsageError`: no or unknown model.
void CheckTorchSpec(const WorkloadSpec& spec);

/// Throws `UsageError`: model or input file missing, unreadable, empty or of another kind; neither
/// shape nor file of the inputs; a shape or integer range that makes no sense.
void CheckTorchScriptSpec(const WorkloadSpec& spec);

/// XXH3-64 of the content of the file `path`, hexadecimal. Throws `Error` naming it.
std::string DigestFile(const std::string& path);

}  // namespace coresweep
