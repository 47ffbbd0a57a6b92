// Text as /proc, /sys and /etc write it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coresweep {

/// Whole content of a file; "" when it cannot be read.
std::string ReadOrEmpty(const std::filesystem::path& path);

/// `text` without blanks, line ends and quotes around it.
std::string_view Trim(std::string_view text);

/// Trimmed content of a file; "" when it cannot be read.
std::string ReadWord(const std::filesystem::path& path);

/// Value of the first line "key<blanks><separator>value" of `text`; "" when there is none.
std::string ValueOf(const std::string& text, std::string_view key, char separator);

/// What /proc/cpuinfo calls the first processor, on any architecture; "unknown" without a name.
std::string CpuModelOf(const std::string& cpuinfo);

/// The bytes of a line "key:   123 kB" of /proc/meminfo; nullopt when there is none.
std::optional<uint64_t> MeminfoBytes(const std::string& meminfo, std::string_view key);

/// Value of `name` among "NAME=value" strings; nullopt when it is not set.
std::optional<std::string> EnvironmentValue(const std::vector<std::string>& environment,
                                            std::string_view name);

}  // namespace coresweep
