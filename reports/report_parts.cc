#include "reports/report_parts.h"

#include <simdjson.h>

#include <nlohmann/json.hpp>

#include "reports/report_schema.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;
namespace ondemand = simdjson::ondemand;

Json NumberOf(ondemand::value& value) {
  const ondemand::number number = value.get_number();
  if (number.is_int64()) return number.get_int64();
  if (number.is_uint64()) return number.get_uint64();
  return number.get_double();
}

Json Scalar(ondemand::value& value) {
  switch (value.type()) {
    case ondemand::json_type::number:
      return NumberOf(value);
    case ondemand::json_type::string: {
      const std::string_view text = value.get_string();
      return std::string(text);
    }
    case ondemand::json_type::boolean:
      return value.get_bool().value();
    default:
      if (!value.is_null()) throw simdjson::simdjson_error(simdjson::TAPE_ERROR);
      return nullptr;
  }
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as the document; simdjson bounds that
Json Taken(ondemand::value value, const ReportParts& parts) {
  const ondemand::json_type type = value.type();
  if (type == ondemand::json_type::array) {
    Json array = Json::array();
    for (auto element : value.get_array())
      array.push_back(Taken(element.value(), parts));
    return array;
  }
  if (type != ondemand::json_type::object) return Scalar(value);
  static const ReportParts everything;
  Json object = Json::object();
  for (auto field : value.get_object()) {
    const std::string_view key = field.unescaped_key();
    const auto wanted = parts.keys.find(key);
    if (!parts.keys.empty() && wanted == parts.keys.end()) continue;
    // The key's text does not outlive the value being read.
    Json& place = object[std::string(key)];
    place = Taken(field.value(), parts.keys.empty() ? everything : wanted->second);
  }
  return object;
}

const Json& Resolved(const Json& schema, const Json& root) {
  const auto reference = schema.find("$ref");
  if (reference == schema.end()) return schema;
  return root.at(Json::json_pointer(reference->get<std::string>().substr(1)));
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as the parts
Json Restricted(const Json& schema, const Json& root, const ReportParts& parts) {
  if (parts.keys.empty()) return schema;
  Json some = Resolved(schema, root);
  if (some.contains("required")) {
    Json required = Json::array();
    for (const Json& key : some["required"])
      if (parts.keys.contains(key.get<std::string>())) required.push_back(key);
    some["required"] = std::move(required);
  }
  if (some.contains("properties")) {
    Json properties = Json::object();
    for (const auto& [key, property] : some["properties"].items()) {
      const auto wanted = parts.keys.find(key);
      if (wanted != parts.keys.end()) properties[key] = Restricted(property, root, wanted->second);
    }
    some["properties"] = std::move(properties);
  }
  if (some.contains("items")) some["items"] = Restricted(some["items"], root, parts);
  if (some.contains("allOf"))
    for (Json& one : some["allOf"])
      one = Restricted(one, root, parts);
  return some;
}

ReportParts Keys(std::initializer_list<const char*> names) {
  ReportParts parts;
  for (const char* name : names)
    parts.keys[name];
  return parts;
}

ReportParts MakeSkuReportParts() {
  ReportParts all = Keys({"schema", "schema_version", "tool", "created", "finished", "container"});
  all.keys["host"] = Keys({"cpu_model", "architecture", "cpu_limits", "memory_limit_bytes"});
  all.keys["workload"] = Keys({"name", "model", "digest", "items", "runtime"});
  all.keys["config"].keys["effective"] =
      Keys({"options", "seed", "window_s", "warmup_s", "order", "on_worker_death", "worker_start",
            "work_items", "fault", "fault_cell"});
  all.keys["search"] = Keys({"choice"});
  ReportParts& cells = all.keys["cells"] =
      Keys({"id", "mode", "workers", "threads", "dispatcher", "load", "verdict"});
  cells.keys["throughput"] = Keys({"median", "low", "high"});
  cells.keys["speedup"] = Keys({"median"});
  cells.keys["latency"] = Keys({"p50", "p99"});
  ReportParts& trials = all.keys["trials"] = Keys({"cell", "role", "throughput"});
  ReportParts& workers = trials.keys["workers"] = Keys({"pid", "pss_bytes", "max_rss_bytes"});
  workers.keys["startup_ms"] = Keys({"ready"});
  return all;
}

}  // namespace

const ReportParts& SkuReportParts() {
  static const ReportParts parts = MakeSkuReportParts();
  return parts;
}

std::optional<Json> ReadReportParts(std::string text, const ReportParts& parts) {
  try {
    text.reserve(text.size() + simdjson::SIMDJSON_PADDING);
    ondemand::parser parser;
    ondemand::document document = parser.iterate(text);
    const ondemand::value root = document;
    Json taken = Taken(root, parts);
    // Where it stands is an error only behind the end: something more follows the value.
    if (document.current_location().error() == simdjson::SUCCESS) return std::nullopt;
    return taken;
  } catch (const simdjson::simdjson_error&) {
    return std::nullopt;
  }
}

Json SchemaOfParts(const Json& schema, const ReportParts& parts) {
  return Restricted(schema, schema, parts);
}

std::vector<SchemaFinding> CheckReportParts(const Json& report, const ReportParts& parts) {
  // What kind of file it is and of which version is said before, as of a whole report.
  const Json schema = SchemaOfParts(Json::parse(ReportSchemaText()), parts);
  return CheckReportBy(JsonSchema(schema.dump()), report);
}

}  // namespace coresweep
