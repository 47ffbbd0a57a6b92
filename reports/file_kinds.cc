#include "reports/file_kinds.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>

#include "reports/file_schemas.h"
#include "reports/report_schema.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;

const JsonSchema& ParsedSchema(const FileKind& kind) {
  static std::map<std::string_view, JsonSchema> schemas;
  return schemas.try_emplace(kind.name, kind.schema).first->second;
}

std::string NamesOfKinds() {
  std::vector<std::string_view> names;
  for (const FileKind& kind : FileKinds())
    names.push_back(kind.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace

std::span<const FileKind> FileKinds() {
  static const std::array kinds{
      FileKind{"coresweep.report", kReportMajor, kReportMinor, "a report of `coresweep run`",
               ReportSchemaText()},
      FileKind{"coresweep.gate", 1, 1, "a report of `coresweep gate`",
               SchemaTextOf("coresweep.gate.1")},
      FileKind{"coresweep.history_gate", 1, 1, "a report of `coresweep gate --baseline`",
               SchemaTextOf("coresweep.history_gate.1")},
      FileKind{"coresweep.comparison", 1, 0, "a comparison of `coresweep compare --json`",
               SchemaTextOf("coresweep.comparison.1")},
      FileKind{"coresweep.prices", 1, 0, "a price book", SchemaTextOf("coresweep.prices.1")}};
  return kinds;
}

const FileKind* FindFileKind(std::string_view name) {
  const auto kinds = FileKinds();
  const auto found = std::find_if(kinds.begin(), kinds.end(),
                                  [name](const FileKind& kind) { return kind.name == name; });
  return found == kinds.end() ? nullptr : &*found;
}

const FileKind* FileKindOf(const Json& json) {
  if (!json.is_object()) return nullptr;
  const auto name = json.find("schema");
  if (name == json.end() || !name->is_string()) return nullptr;
  return FindFileKind(name->get_ref<const std::string&>());
}

std::vector<SchemaFinding> CheckFile(const FileKind& kind, const Json& json) {
  static const Json::json_pointer major("/schema_version/major");
  if (json.contains(major) && json[major].is_number_integer() && json[major] != kind.major) {
    return {{major.to_string(), fmt::format("schema version {}, this program reads {}",
                                            json[major].dump(), kind.major)}};
  }
  return ParsedSchema(kind).Check(json);
}

SchemaFinding UnknownKind(const Json& json) {
  const std::string known = "expected one of " + NamesOfKinds();
  if (!json.is_object()) {
    return {"", fmt::format(
                    "is {}, expected an object that says under \"schema\" what it is",
                    json.is_null() ? "null" : fmt::format("JSON of type {}", json.type_name()))};
  }
  const auto name = json.find("schema");
  if (name == json.end() || !name->is_string())
    return {"", fmt::format("has no text under \"schema\", {}", known)};
  return {"/schema", fmt::format("is {}, {}",
                                 name->dump(-1, ' ', true, Json::error_handler_t::replace), known)};
}

std::string FileVersion(const Json& json) {
  const Json& version = json.at("schema_version");
  return fmt::format("{}.{}", version.at("major").dump(), version.at("minor").dump());
}

}  // namespace coresweep
