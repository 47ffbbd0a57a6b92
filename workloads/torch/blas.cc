#include "workloads/torch/blas.h"

#include <dlfcn.h>

#include <filesystem>
#include <string_view>

namespace coresweep {
namespace {

// File that holds what `symbol` means to this module; libtorch was loaded through it and hence sees
// the same: the program's own libraries first, then the module's in order of loading.
std::string FileOf(const char* symbol) {
  void* address = dlsym(RTLD_DEFAULT, symbol);
  Dl_info info{};
  if (address == nullptr || dladdr(address, &info) == 0 || info.dli_fname == nullptr) return "";
  std::error_code failed;
  const std::filesystem::path resolved = std::filesystem::canonical(info.dli_fname, failed);
  return failed ? info.dli_fname : resolved.string();
}

template <typename Function>
Function* As(void* address) {
  return reinterpret_cast<Function*>(address);
}

}  // namespace

void* BlasLibrary::Find(const char* symbol) const {
  return handle_ != nullptr ? dlsym(handle_, symbol) : nullptr;
}

BlasLibrary FindBlas() {
  BlasLibrary blas;
  blas.kind = "unknown";
  blas.file = FileOf("sgemm_");
  if (blas.file.empty()) return blas;
  // Its own handle: what another library (OpenCV's, say) brought along is not what computes.
  blas.handle_ = dlopen(blas.file.c_str(), RTLD_LAZY | RTLD_NOLOAD);
  const std::string_view file = blas.file;
  const auto named = [file](std::string_view part) { return file.find(part) != file.npos; };
  if (blas.Find("openblas_get_num_threads") != nullptr) {
    blas.kind = "openblas";
  } else if (blas.Find("MKL_Get_Max_Threads") != nullptr || named("libmkl")) {
    blas.kind = "mkl";
  } else if (blas.Find("bli_info_get_version_str") != nullptr) {
    blas.kind = "blis";
  } else if (blas.Find("ATL_dgemm") != nullptr || named("atlas")) {
    blas.kind = "atlas";
  } else if (named("/libblas.so")) {
    blas.kind = "reference";
  }
  return blas;
}

void BlasLibrary::SetThreads(int threads) const {
  if (auto* set = As<void(int)>(Find("openblas_set_num_threads"))) set(threads);
  if (auto* set = As<void(int)>(Find("MKL_Set_Num_Threads"))) set(threads);
  // BLIS counts in its dim_t, as wide as a pointer by default.
  if (auto* set = As<void(long)>(Find("bli_thread_set_num_threads"))) set(threads);
}

std::optional<int> BlasLibrary::Threads() const {
  if (auto* get = As<int()>(Find("openblas_get_num_threads"))) return get();
  if (auto* get = As<int()>(Find("MKL_Get_Max_Threads"))) return get();
  if (auto* get = As<long()>(Find("bli_thread_get_num_threads"))) return static_cast<int>(get());
  return std::nullopt;
}

std::string FindOpenMp() {
  return FileOf("omp_get_max_threads");
}

}  // namespace coresweep
