#include "reports/report_schema.h"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

#include "reports/file_kinds.h"
#include "reports/file_schemas.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;

constexpr const char* kKind = "coresweep.report";

/// What the other files of this program are.
const std::map<std::string, std::string>& OtherKinds() {
  static const std::map<std::string, std::string> kinds{
      {"coresweep.gate", "of `coresweep gate` (read it with `coresweep analyze`)"},
      {"coresweep.history_gate",
       "of `coresweep gate --baseline` (read it with `coresweep analyze`)"},
      {"coresweep.journal", "the journal of `coresweep run`, which `--resume` reads"},
      {"coresweep.selftest", "of `coresweep selftest`"},
      {"coresweep.transports", "of `coresweep transports`"}};
  return kinds;
}

std::string ExpectedKind() {
  return fmt::format("expected \"{}\": a report of `coresweep run`", kKind);
}

SchemaFinding NoReport(const Json& json) {
  if (!json.is_object())
    return {"", fmt::format(
                    "is {}, expected an object: a report of `coresweep run`",
                    json.is_null() ? "null" : fmt::format("JSON of type {}", json.type_name()))};
  const auto kind = json.find("schema");
  if (kind == json.end() || !kind->is_string())
    return {"", fmt::format("has no text under \"schema\", {}", ExpectedKind())};
  const auto name = kind->get<std::string>();
  const auto known = OtherKinds().find(name);
  return {"/schema", fmt::format("is \"{}\"{}, {}", name,
                                 known == OtherKinds().end() ? "" : ", a file " + known->second,
                                 ExpectedKind())};
}

bool IsReport(const Json& json) {
  return json.is_object() && json.contains("schema") && json["schema"] == kKind;
}

}  // namespace

std::string_view ReportSchemaText() {
  return SchemaTextOf("coresweep.report.2");
}

std::vector<SchemaFinding> CheckReport(const Json& report) {
  if (!IsReport(report)) return {NoReport(report)};
  return CheckFile(*FindFileKind(kKind), report);
}

std::vector<SchemaFinding> CheckReportBy(const JsonSchema& schema, const Json& report) {
  if (!IsReport(report)) return {NoReport(report)};
  static const Json::json_pointer major("/schema_version/major");
  if (report.contains(major) && report[major].is_number_integer() &&
      report[major] != kReportMajor) {
    return {{major.to_string(), fmt::format("schema version {}, this program reads {}",
                                            report[major].dump(), kReportMajor)}};
  }
  return schema.Check(report);
}

std::string ReportVersion(const Json& report) {
  return FileVersion(report);
}

}  // namespace coresweep
