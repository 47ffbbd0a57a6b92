// Files of /proc, /sys and cgroups below any root, with warnings about what could not be
// understood.
#pragma once

#include <charconv>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coresweep {

/// Paths given to it are as the container names them, without the root.
class RootedFiles {
 public:
  explicit RootedFiles(std::filesystem::path root) : root_(std::move(root)) {}

  /// Where `path` really is.
  [[nodiscard]] std::filesystem::path Real(const std::string& path) const;
  [[nodiscard]] bool Exists(const std::string& path) const;

  /// Content of a file that may be missing (nullopt); a refusal is nullopt and a warning.
  std::optional<std::string> Read(const std::string& path);

  /// Warns that `path` holds `text` (its first line is shown), which is not a limit.
  void Reject(const std::string& path, std::string_view text);
  void Warn(std::string text) { warnings_.push_back(std::move(text)); }
  [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  std::filesystem::path root_;
  std::vector<std::string> warnings_;
};

/// The number that all of `text` is, but for blanks at its end; nullopt when it is none.
template <typename T>
std::optional<T> ParseNumber(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' '))
    text.remove_suffix(1);
  T value{};
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

}  // namespace coresweep
