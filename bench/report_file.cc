#include "bench/report_file.h"

#include <fmt/format.h>

#include <iterator>
#include <nlohmann/json.hpp>

#include "harness/base/atomic_file.h"
#include "harness/base/error.h"
#include "reports/report_parts.h"
#include "reports/report_schema.h"
#include "reports/text.h"

namespace coresweep {
namespace {

constexpr size_t kMostBytes = size_t{1} << 30;

/// "parse error at line 3, column 7: …", without the library's number of it.
std::string ParseErrorText(const nlohmann::json::exception& error) {
  const std::string text = error.what();
  const size_t end = text.starts_with("[json.exception") ? text.find("] ") : std::string::npos;
  return end == std::string::npos ? text : text.substr(end + 2);
}

nlohmann::json Parse(const std::string& text, const std::string& path) {
  try {
    return nlohmann::json::parse(text);
  } catch (const nlohmann::json::exception& error) {
    throw UsageError(fmt::format("{}: not JSON, or cut off: {}", path, ParseErrorText(error)));
  }
}

}  // namespace

std::string ReadReportText(const std::string& path) {
  try {
    return ReadFile(path, kMostBytes);
  } catch (const Error& error) {
    throw UsageError(error.what());
  }
}

nlohmann::json ReadReportFile(const std::string& path) {
  return Parse(ReadReportText(path), path);
}

nlohmann::json ReadSkuParts(const std::string& path) {
  auto parts = ReadReportParts(ReadReportText(path), SkuReportParts());
  if (parts && CheckReportParts(*parts, SkuReportParts()).empty()) return std::move(*parts);
  return ReadSweepReport(path);  // says what is wrong, and where
}

nlohmann::json ParseSweepReport(const std::string& text, const std::string& path) {
  nlohmann::json report = Parse(text, path);
  const auto findings = CheckReport(report);
  if (findings.empty()) return report;
  std::string fault = fmt::format("{}: {}: {}", path, WhereOf(findings[0]), findings[0].text);
  if (findings.size() > 1) {
    fault += fmt::format(" (and {}: coresweep validate {})",
                         Plural(std::ssize(findings) - 1, "more fault", "more faults"), path);
  }
  throw UsageError(fault);
}

nlohmann::json ReadSweepReport(const std::string& path) {
  return ParseSweepReport(ReadReportText(path), path);
}

}  // namespace coresweep
