#include "harness/host/proc_text.h"

#include <fmt/format.h>

#include <charconv>
#include <sstream>

#include "harness/base/atomic_file.h"
#include "harness/base/error.h"

namespace coresweep {

std::string ReadOrEmpty(const std::filesystem::path& path) {
  try {
    return ReadFile(path, 1 << 26);
  } catch (const Error&) {
    return "";
  }
}

std::string_view Trim(std::string_view text) {
  const char* blanks = " \t\n\"";
  const size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return "";
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string ReadWord(const std::filesystem::path& path) {
  return std::string(Trim(ReadOrEmpty(path)));
}

std::string ValueOf(const std::string& text, std::string_view key, char separator) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const size_t at = line.find(separator);
    if (at == std::string::npos || Trim(line.substr(0, at)) != key) continue;
    return std::string(Trim(std::string_view(line).substr(at + 1)));
  }
  return "";
}

std::string CpuModelOf(const std::string& cpuinfo) {
  for (const char* key :
       {"model name", "cpu", "cpu model", "Processor"}) {  // x86, POWER, MIPS, Arm
    if (std::string model = ValueOf(cpuinfo, key, ':'); !model.empty()) return model;
  }
  const std::string part = ValueOf(cpuinfo, "CPU part", ':');
  if (part.empty()) return "unknown";
  return fmt::format("Arm implementer {} part {} revision {}",
                     ValueOf(cpuinfo, "CPU implementer", ':'), part,
                     ValueOf(cpuinfo, "CPU revision", ':'));
}

std::optional<uint64_t> MeminfoBytes(const std::string& meminfo, std::string_view key) {
  const std::string value = ValueOf(meminfo, key, ':');
  uint64_t kib = 0;
  const auto [stop, error] = std::from_chars(value.data(), value.data() + value.size(), kib);
  if (error != std::errc()) return std::nullopt;
  return kib * 1024;
}

std::optional<std::string> EnvironmentValue(const std::vector<std::string>& environment,
                                            std::string_view name) {
  for (const std::string& variable : environment) {
    if (variable.size() > name.size() && variable[name.size()] == '=' && variable.starts_with(name))
      return variable.substr(name.size() + 1);
  }
  return std::nullopt;
}

}  // namespace coresweep
