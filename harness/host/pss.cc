#include "harness/host/pss.h"

#include <sstream>
#include <string>

#include "harness/host/small_file.h"

namespace coresweep {

std::optional<int64_t> ReadPssBytes(const std::filesystem::path& root, int* error_number) {
  if (error_number != nullptr) *error_number = 0;
  const auto text = ReadSmallFile(root / "proc/self/smaps_rollup", error_number);
  if (!text) return std::nullopt;
  std::istringstream lines(*text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string key;
    std::string unit;
    int64_t kib = 0;
    if (words >> key >> kib >> unit && key == "Pss:" && unit == "kB") return kib * 1024;
  }
  return std::nullopt;
}

}  // namespace coresweep
