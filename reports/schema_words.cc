#include "reports/schema_words.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>
#include <vector>

#include "reports/text.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;
using Schemas = std::vector<const Json*>;

constexpr size_t kMostShown = 40;  ///< bytes of a value

/// Adds `schema` and those it is made of.
void AddWithParts(const Json& root, const Json& schema, Schemas& schemas) {
  schemas.push_back(&schema);
  if (const auto ref = schema.find("$ref"); ref != schema.end()) {
    const Json::json_pointer target(ref->get<std::string>().substr(1));
    AddWithParts(root, root.at(target), schemas);
  }
  if (const auto all = schema.find("allOf"); all != schema.end()) {
    for (const Json& part : *all)
      AddWithParts(root, part, schemas);
  }
}

/// The schema of the value at `step` within a value that `schema` describes; null for none.
const Json* Inside(const Json& schema, const std::string& step) {
  if (const auto keys = schema.find("properties"); keys != schema.end() && keys->contains(step))
    return &keys->at(step);
  for (const char* others : {"items", "additionalProperties"}) {
    if (const auto found = schema.find(others); found != schema.end() && found->is_object())
      return &*found;
  }
  return nullptr;
}

std::vector<std::string> StepsOf(Json::json_pointer pointer) {
  std::vector<std::string> steps;
  for (; !pointer.empty(); pointer.pop_back())
    steps.push_back(pointer.back());
  std::reverse(steps.begin(), steps.end());
  return steps;
}

/// All schemas that the value at `pointer` has to obey.
Schemas SchemasAt(const Json& root, const Json::json_pointer& pointer) {
  Schemas schemas;
  AddWithParts(root, root, schemas);
  for (const std::string& step : StepsOf(pointer)) {
    Schemas inside;
    for (const Json* schema : schemas) {
      if (const Json* found = Inside(*schema, step)) AddWithParts(root, *found, inside);
    }
    schemas = std::move(inside);
  }
  return schemas;
}

/// The keyword of the first of them that has it; null for none.
const Json* KeywordOf(const Schemas& schemas, const char* keyword) {
  for (const Json* schema : schemas) {
    if (const auto found = schema->find(keyword); found != schema->end()) return &*found;
  }
  return nullptr;
}

std::string WithArticle(const std::string& type) {
  if (type == "null") return type;
  return fmt::format("{} {}",
                     std::string_view("aeiou").find(type[0]) == std::string_view::npos ? "a" : "an",
                     type);
}

std::string TypesText(const Json& types) {
  if (types.is_string()) return WithArticle(types.get<std::string>());
  std::vector<std::string> names;
  for (const Json& type : types)
    names.push_back(WithArticle(type.get<std::string>()));
  return fmt::format("{}", fmt::join(names, " or "));
}

/// "an array (2 elements)", "\"two\" (a string)", "-1".
std::string ValueText(const Json& value) {
  if (value.is_null()) return "null";
  if (value.is_array())
    return fmt::format("an array ({})", Plural(std::ssize(value), "element", "elements"));
  if (value.is_object())
    return fmt::format("an object ({})", Plural(std::ssize(value), "key", "keys"));
  std::string text = value.dump(-1, ' ', true, Json::error_handler_t::replace);
  if (text.size() > kMostShown) text = text.substr(0, kMostShown) + "...";
  return value.is_string() ? fmt::format("{} (a string)", text) : text;
}

/// The key of "Missing required property 'key'."; empty for another complaint.
std::string MissingKey(const std::string& complaint) {
  constexpr std::string_view kBegin = "Missing required property '";
  if (!complaint.starts_with(kBegin) || complaint.size() < kBegin.size() + 2) return "";
  return complaint.substr(kBegin.size(), complaint.size() - kBegin.size() - 2);
}

std::string MissingText(const Json& root, const Json::json_pointer& pointer,
                        const std::string& key) {
  const Schemas schemas = SchemasAt(root, pointer / key);
  std::string text = fmt::format("lacks \"{}\"", key);
  if (const Json* types = KeywordOf(schemas, "type"))
    text += fmt::format(", expected {}", TypesText(*types));
  if (const Json* meaning = KeywordOf(schemas, "description"))
    text += fmt::format(": {}", meaning->get<std::string>());
  return text;
}

std::string NamesText(const Json& names) {
  std::vector<std::string> texts;
  for (const Json& name : names)
    texts.push_back(name.dump());
  return fmt::format("one of {}", fmt::join(texts, ", "));
}

/// What the value should be that breaks the bound of which `complaint` tells; "" for another
/// complaint.
std::string ExpectedText(const Schemas& schemas, const std::string& complaint) {
  struct Bound {
    const char* keyword;
    const char* says;  ///< part of valijson's complaint
    const char* text;
  };
  static constexpr std::array kBounds{
      Bound{"minimum", "greater than or equal to", "{} or more"},
      Bound{"exclusiveMinimum", "greater than", "more than {}"},
      Bound{"maximum", "less than or equal to", "at most {}"},
      Bound{"minItems", "no fewer than", "at least {} of them"},
      Bound{"maxItems", "no more than", "at most {} of them"},
      Bound{"minLength", "no fewer than", "a text of at least {} character"}};
  const auto says = [&complaint](const char* part) {
    return complaint.find(part) != std::string::npos;
  };
  if (const Json* names = KeywordOf(schemas, "enum"); names != nullptr && says("enum values"))
    return NamesText(*names);
  const Json* meaning = KeywordOf(schemas, "description");
  if (meaning != nullptr && says("'pattern'")) return "this: " + meaning->get<std::string>();
  for (const Bound& bound : kBounds) {
    const Json* value = KeywordOf(schemas, bound.keyword);
    if (value != nullptr && says(bound.says))
      return fmt::format(fmt::runtime(bound.text), value->dump());
  }
  return "";
}

}  // namespace

std::string WhatIsWrong(const Json& schema, const Json& document, const Json::json_pointer& pointer,
                        const std::string& complaint) {
  if (const std::string key = MissingKey(complaint); !key.empty())
    return MissingText(schema, pointer, key);
  const Schemas schemas = SchemasAt(schema, pointer);
  const std::string is = fmt::format("is {}", ValueText(document.at(pointer)));
  const auto says = [&complaint](const char* part) {
    return complaint.find(part) != std::string::npos;
  };
  if (const Json* types = KeywordOf(schemas, "type"); types != nullptr && says("'type'"))
    return fmt::format("{}, expected {}", is, TypesText(*types));
  if (const Json* value = KeywordOf(schemas, "const"); value != nullptr && says("'const'"))
    return fmt::format("{}, expected {}", is, value->dump());
  const std::string expected = ExpectedText(schemas, complaint);
  return expected.empty() ? fmt::format("{}: {}", is, complaint)
                          : fmt::format("{}, expected {}", is, expected);
}

}  // namespace coresweep
