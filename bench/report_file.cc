#include "bench/report_file.h"

#include <fmt/format.h>

#include <iterator>
#include <nlohmann/json.hpp>

#include "harness/base/atomic_file.h"
#include "harness/base/error.h"
#include "reports/file_kinds.h"
#include "reports/json_text.h"
#include "reports/report_parts.h"
#include "reports/report_schema.h"
#include "reports/text.h"

namespace coresweep {
namespace {

constexpr size_t kMostBytes = size_t{1} << 30;

void RequireNothingFound(const std::vector<SchemaFinding>& findings, const std::string& path) {
  if (findings.empty()) return;
  std::string fault = fmt::format("{}: {}: {}", path, WhereOf(findings[0]), findings[0].text);
  if (findings.size() > 1) {
    fault += fmt::format(" (and {}: coresweep validate {})",
                         Plural(std::ssize(findings) - 1, "more fault", "more faults"), path);
  }
  throw UsageError(fault);
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
  return ParseJsonText(ReadReportText(path), path);
}

nlohmann::json ReadSkuParts(const std::string& path) {
  auto parts = ReadReportParts(ReadReportText(path), SkuReportParts());
  if (parts && CheckReportParts(*parts, SkuReportParts()).empty()) return std::move(*parts);
  return ReadSweepReport(path);  // says what is wrong, and where
}

void RequireValid(const FileKind& kind, const nlohmann::json& json, const std::string& path) {
  RequireNothingFound(CheckFile(kind, json), path);
}

void RequireSweepReport(const nlohmann::json& report, const std::string& path) {
  RequireNothingFound(CheckReport(report), path);
}

nlohmann::json ParseSweepReport(const std::string& text, const std::string& path) {
  nlohmann::json report = ParseJsonText(text, path);
  RequireSweepReport(report, path);
  return report;
}

nlohmann::json ReadSweepReport(const std::string& path) {
  return ParseSweepReport(ReadReportText(path), path);
}

}  // namespace coresweep
