#include "harness/host/environment_filter.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace coresweep {
namespace {

constexpr std::array<std::string_view, 14> kPrefixes = {
    "OMP_",  "KMP_",  "GOMP_",   "MKL_",   "OPENBLAS_", "GOTO_",   "BLIS_",
    "ATEN_", "DNNL_", "ONEDNN_", "TORCH_", "PYTORCH_",  "VECLIB_", "MALLOC_"};
// Where things lie, and other devices: no matter for work on CPUs.
constexpr std::array<std::string_view, 8> kExceptions = {
    "TORCH_HOME",   "TORCH_CUDA",   "TORCH_NCCL",  "TORCH_EXTENSIONS_DIR",
    "PYTORCH_CUDA", "PYTORCH_NVML", "PYTORCH_HIP", "PYTORCH_VERSION"};
constexpr std::array<std::string_view, 3> kNames = {"LD_PRELOAD", "GLIBC_TUNABLES",
                                                    "LRU_CACHE_CAPACITY"};

template <size_t N>
bool BeginsWithAny(std::string_view name, const std::array<std::string_view, N>& beginnings) {
  return std::any_of(beginnings.begin(), beginnings.end(),
                     [&](std::string_view beginning) { return name.starts_with(beginning); });
}

bool Matters(std::string_view name) {
  if (std::find(kNames.begin(), kNames.end(), name) != kNames.end()) return true;
  return BeginsWithAny(name, kPrefixes) && !BeginsWithAny(name, kExceptions);
}

}  // namespace

std::map<std::string, std::string> VariablesThatMatter(
    const std::vector<std::string>& environment) {
  std::map<std::string, std::string> found;
  for (const std::string& variable : environment) {
    const size_t equals = variable.find('=');
    if (equals == std::string::npos || !Matters(variable.substr(0, equals))) continue;
    found.try_emplace(variable.substr(0, equals), variable.substr(equals + 1));
  }
  return found;
}

}  // namespace coresweep
