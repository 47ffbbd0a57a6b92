#include "workloads/torch_module.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <filesystem>

#include "harness/base/error.h"
#include "workloads/torch_entry.h"

namespace coresweep {
namespace {

constexpr const char* kModuleFile = "libcoresweep_torch.so";

// The module's folder in an installation as seen from the program's, as CMake knows it.
constexpr const char* kInstalledFolder = CORESWEEP_MODULE_FOLDER;

struct TorchModule {
  TorchMakeFunction* make = nullptr;
  TorchRuntimeFunction* read_runtime = nullptr;
};

std::filesystem::path FindModule() {
  const std::filesystem::path folder =
      std::filesystem::read_symlink("/proc/self/exe").parent_path();
  const std::filesystem::path beside = folder / kModuleFile;
  const std::filesystem::path installed =
      (folder / kInstalledFolder / kModuleFile).lexically_normal();
  for (const std::filesystem::path& path : {beside, installed}) {
    if (std::filesystem::exists(path)) return path;
  }
  throw Error(
      fmt::format("cannot find {}, which holds the libtorch workloads: neither {} nor {} exists; "
                  "build or install coresweep anew",
                  kModuleFile, beside.string(), installed.string()));
}

template <typename Function>
Function* FindFunction(void* module, const char* symbol, const std::filesystem::path& path) {
  void* address = dlsym(module, symbol);
  if (address == nullptr) {
    throw Error(
        fmt::format("{} has no {}: it belongs to another version of coresweep; build both "
                    "anew",
                    path.string(), symbol));
  }
  return reinterpret_cast<Function*>(address);
}

TorchModule OpenModule() {
  if (!BuiltWithTorch()) {
    throw Error(
        "this coresweep was built without libtorch (CORESWEEP_WITH_TORCH=OFF); rebuild it with "
        "-DCORESWEEP_WITH_TORCH=ON");
  }
  const std::filesystem::path path = FindModule();
  void* module = dlopen(path.c_str(), RTLD_LAZY | RTLD_LOCAL);
  if (module == nullptr) {
    const char* reason = dlerror();
    throw Error(fmt::format("cannot load {}: {}; is libtorch installed?", path.string(),
                            reason != nullptr ? reason : "unknown reason"));
  }
  return {FindFunction<TorchMakeFunction>(module, kTorchMakeSymbol, path),
          FindFunction<TorchRuntimeFunction>(module, kTorchRuntimeSymbol, path)};
}

// Never closed: libtorch does not survive being unloaded. A failed attempt may be repeated.
const TorchModule& Module() {
  static const TorchModule module = OpenModule();
  return module;
}

}  // namespace

bool BuiltWithTorch() {
  return CORESWEEP_WITH_TORCH != 0;
}

void LoadTorchModule() {
  Module();
}

std::unique_ptr<Workload> MakeTorchWorkload(const WorkloadSpec& spec,
                                            const WorkloadContext& context) {
  return std::unique_ptr<Workload>(Module().make(spec, context));
}

RuntimeFacts ReadTorchModuleRuntime() {
  RuntimeFacts facts;
  Module().read_runtime(facts);
  return facts;
}

}  // namespace coresweep
