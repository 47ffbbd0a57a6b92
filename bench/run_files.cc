#include "bench/run_files.h"

#include <fmt/format.h>

#include "harness/base/atomic_file.h"
#include "harness/base/error.h"

namespace coresweep {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSuffix = ".journal";

fs::path DefaultReportPath() {
  fs::path path = "report.json";
  for (int number = 2; fs::exists(path) || fs::exists(JournalPathOf(path)); ++number)
    path = fmt::format("report-{}.json", number);
  return path;
}

}  // namespace

fs::path JournalPathOf(const fs::path& report) {
  return report.string() + kSuffix;
}

RunFiles FilesOfNewSweep(const std::string& output) {
  const fs::path report = output.empty() ? DefaultReportPath() : fs::path(output);
  std::error_code ignored;
  const bool special = fs::exists(report, ignored) && !fs::is_regular_file(report, ignored);
  return {report, special ? fs::path() : JournalPathOf(report)};
}

RunFiles FilesOfResumedSweep(const std::string& resumed, const std::string& output) {
  std::error_code ignored;  // a report may be named like that too: then it has a journal
  const bool is_journal =
      resumed.ends_with(kSuffix) && !fs::exists(JournalPathOf(resumed), ignored);
  const fs::path report =
      is_journal ? resumed.substr(0, resumed.size() - std::string(kSuffix).size()) : resumed;
  return {output.empty() ? report : fs::path(output), JournalPathOf(report)};
}

void RequireWritable(const fs::path& report) {
  try {
    CheckWritable(report);
  } catch (const Error& error) {
    throw UsageError(fmt::format("-o: {}", error.what()));
  }
}

}  // namespace coresweep
