#include "reports/json_schema.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "harness/base/error.h"
#include "reports/schema_words.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;
using Adapter = valijson::adapters::NlohmannJsonAdapter;

/// Of valijson's context: "<root>", then "[key]" or "[number]" of each step.
Json::json_pointer PointerOf(const std::vector<std::string>& context) {
  Json::json_pointer pointer;
  for (size_t i = 1; i < context.size(); ++i)
    pointer.push_back(context[i].substr(1, context[i].size() - 2));
  return pointer;
}

/// Whether it only repeats, at a place further out, what was said of a place within.
bool IsEcho(const std::string& description) {
  return description.starts_with("Failed to validate ");
}

}  // namespace

std::string WhereOf(const SchemaFinding& finding) {
  return finding.pointer.empty() ? "the whole file" : finding.pointer;
}

struct JsonSchema::Parts {
  Json text;
  valijson::Schema schema;
};

JsonSchema::JsonSchema(std::string_view text) : parts_(std::make_unique<Parts>()) {
  try {
    parts_->text = Json::parse(text);
    valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
    parser.populateSchema(Adapter(parts_->text), parts_->schema);
  } catch (const std::exception& error) {
    throw Error(fmt::format("JSON schema: {}", error.what()));
  }
}

JsonSchema::~JsonSchema() = default;

std::vector<SchemaFinding> JsonSchema::Check(const Json& document) const {
  valijson::Validator validator(valijson::Validator::kStrongTypes);
  valijson::ValidationResults results;
  const Adapter target(document);
  std::vector<SchemaFinding> findings;
  // A first run without results ends at the first fault and is much faster than one that collects.
  if (validator.validate(parts_->schema, target, nullptr)) return findings;
  validator.validate(parts_->schema, target, &results);
  for (const auto& error : results) {
    if (IsEcho(error.description)) continue;
    const Json::json_pointer pointer = PointerOf(error.context);
    SchemaFinding finding{pointer.to_string(),
                          WhatIsWrong(parts_->text, document, pointer, error.description)};
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace coresweep
