// Which BLAS and OpenMP libraries this process is really bound to, and their thread counts. Knows
// nothing of libtorch: it asks the dynamic linker.
#pragma once

#include <optional>
#include <string>

namespace coresweep {

/// The library that `sgemm_` is bound to as seen from the libtorch module.
struct BlasLibrary {
  std::string file;  ///< links resolved; "" when none exports it (linked into libtorch statically)
  std::string kind;  ///< "openblas", "mkl", "blis", "atlas", "reference", "unknown"

  /// Sets its own thread count where it has one; for the whole process.
  void SetThreads(int threads) const;
  /// Reads it back; nullopt where it has none.
  [[nodiscard]] std::optional<int> Threads() const;

 private:
  /// Function `symbol` of the library or of what it depends on; nullptr: it has none.
  [[nodiscard]] void* Find(const char* symbol) const;
  void* handle_ = nullptr;  // of a library that stays for the life of the process
  friend BlasLibrary FindBlas();
};

BlasLibrary FindBlas();

/// File of the OpenMP runtime (libgomp, libomp, libiomp5), links resolved; "": there is none.
std::string FindOpenMp();

}  // namespace coresweep
