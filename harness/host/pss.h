// The memory of this process with shared pages counted in proportion.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace coresweep {

/// Proportional set size of this process in bytes (`root`/proc/self/smaps_rollup); nullopt where
/// that cannot be read, with the errno in `*error_number` if that is given (0: the file has no such
/// line). Walks the page tables: not between timestamps.
std::optional<int64_t> ReadPssBytes(const std::filesystem::path& root = "/",
                                    int* error_number = nullptr);

}  // namespace coresweep
