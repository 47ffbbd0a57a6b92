#include "reports/deterministic_report.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "reports/report_schema.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;

bool AllowsNull(const Json& schema) {
  const auto type = schema.find("type");
  if (type == schema.end()) return false;
  return *type == "null" ||
         (type->is_array() && std::find(type->begin(), type->end(), "null") != type->end());
}

/// `value` with nothing in it, as far as `schema` lets it be empty.
Json Blank(const Json& value, const Json& schema) {
  if (AllowsNull(schema)) return nullptr;
  if (value.is_string()) return "";
  if (value.is_boolean()) return false;
  if (value.is_number()) return 0;
  if (value.is_array()) return Json::array();
  Json blank = Json::object();
  // Other keys may be there on one machine and not on another.
  for (const Json& key : schema.value("required", Json::array())) {
    const auto name = key.get<std::string>();
    blank[name] = Blank(value.at(name), schema.at("properties").at(name));
  }
  return blank;
}

/// Those of `keys` that are there become null.
template <size_t N>
void Clear(const std::array<const char*, N>& keys, Json& json) {
  if (!json.is_object()) return;
  for (const char* key : keys) {
    if (json.contains(key)) json[key] = nullptr;
  }
}

void ClearCall(Json& call) {
  Clear(std::array{"started", "argv"}, call);
  call["total_s"] = 0;
}

void ClearWorkers(Json& parent, const char* key) {
  if (!parent.contains(key)) return;
  for (Json& worker : parent[key])
    Clear(std::array{"pid"}, worker);
}

void ClearTrial(Json& trial) {
  Clear(std::array{"started", "took_ms"}, trial);
  ClearWorkers(trial, "workers");
  if (!trial.contains("replacements")) return;
  for (Json& replacement : trial["replacements"])
    replacement["pid"] = 0;
}

}  // namespace

Json DeterministicReport(Json report) {
  static const Json schema = Json::parse(ReportSchemaText());
  report["deterministic"] = true;
  report["host"] = Blank(report["host"], schema.at("properties").at("host"));
  Clear(std::array{"created", "time"}, report);
  Clear(std::array{"argv"}, report["config"]);
  if (report.contains("calls"))
    std::for_each(report["calls"].begin(), report["calls"].end(), ClearCall);
  if (report.contains("budget") && report["budget"].is_object()) report["budget"]["used_s"] = 0;
  std::for_each(report["trials"].begin(), report["trials"].end(), ClearTrial);
  for (Json& cell : report["cells"])
    ClearWorkers(cell, "workers_detail");
  return report;
}

}  // namespace coresweep
