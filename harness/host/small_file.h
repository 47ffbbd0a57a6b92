// Reading of small files of /proc, /sys and cgroups, often and where any of them may be refused.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace coresweep {

/// Whole content of `path`; nullopt when it cannot be opened or read, with the errno in
/// `*error_number` if that is given (some files exist and give EOPNOTSUPP when read). A few
/// microseconds for a file of one page.
std::optional<std::string> ReadSmallFile(const std::filesystem::path& path,
                                         int* error_number = nullptr);

/// The short name of an errno: "EPERM".
std::string ErrnoName(int error_number);

}  // namespace coresweep
