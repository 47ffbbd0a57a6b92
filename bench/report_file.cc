#include "bench/report_file.h"

#include <nlohmann/json.hpp>

#include "harness/base/atomic_file.h"
#include "harness/base/error.h"

namespace coresweep {
namespace {

constexpr size_t kMostBytes = size_t{1} << 30;

}  // namespace

nlohmann::json ReadReportFile(const std::string& path) {
  std::string text;
  try {
    text = ReadFile(path, kMostBytes);
  } catch (const Error& error) {
    throw UsageError(error.what());
  }
  nlohmann::json report = nlohmann::json::parse(text, nullptr, false);
  if (report.is_discarded()) throw UsageError(path + ": not JSON, or cut off");
  return report;
}

}  // namespace coresweep
