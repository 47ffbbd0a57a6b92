#include "harness/host/rooted_files.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/base/atomic_file.h"
#include "harness/base/error.h"

namespace coresweep {

namespace fs = std::filesystem;

fs::path RootedFiles::Real(const std::string& path) const {
  return root_ / fs::path(path).relative_path();
}

bool RootedFiles::Exists(const std::string& path) const {
  std::error_code error;
  return fs::exists(Real(path), error);
}

std::optional<std::string> RootedFiles::Read(const std::string& path) {
  constexpr size_t kLimitBytes = size_t{1} << 24;
  std::error_code error;
  const fs::file_type type = fs::status(Real(path), error).type();
  if (type == fs::file_type::not_found) return std::nullopt;
  try {
    return ReadFile(Real(path), kLimitBytes);
  } catch (const Error& refusal) {
    Warn(fmt::format("ignored {}: {}", path, refusal.what()));
    return std::nullopt;
  }
}

void RootedFiles::Reject(const std::string& path, std::string_view text) {
  constexpr size_t kShown = 40;
  const std::string_view shown = text.substr(0, std::min(text.find('\n'), kShown));
  Warn(fmt::format("ignored {}: it holds \"{}\", not a limit", path, shown));
}

}  // namespace coresweep
