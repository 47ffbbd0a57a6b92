// JSON held against a JSON Schema (draft-07), by the library valijson.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace coresweep {

/// What is wrong at one place of a document.
struct SchemaFinding {
  std::string pointer;  ///< JSON pointer (RFC 6901) of the value; "" is the whole document
  std::string text;     ///< what it is, and what was expected
  bool operator==(const SchemaFinding&) const = default;
};

/// The pointer of a finding, or "the whole file".
std::string WhereOf(const SchemaFinding& finding);

class JsonSchema {
 public:
  /// Throws `Error` when `text` is no JSON or no schema.
  explicit JsonSchema(std::string_view text);
  ~JsonSchema();
  JsonSchema(const JsonSchema&) = delete;
  JsonSchema& operator=(const JsonSchema&) = delete;

  /// Everything that is wrong with `document`, in the order in which it stands there but that keys
  /// come sorted; empty when it is valid. Types are strict: "1" is no number.
  [[nodiscard]] std::vector<SchemaFinding> Check(const nlohmann::json& document) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace coresweep
