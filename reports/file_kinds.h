// The kinds of file that this program describes by a JSON Schema, and whether JSON is one of them.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reports/json_schema.h"

namespace coresweep {

/// One schema: reports/schema/KIND.MAJOR.json.
struct FileKind {
  std::string_view name;     ///< value of "schema": "coresweep.gate"
  int major = 0, minor = 0;  ///< the version that this program knows
  std::string_view what;     ///< "a report of `coresweep gate`"
  std::string_view schema;   ///< text of the JSON Schema, which is built in
};

/// Reports of `run`, `gate` and `gate --baseline`, comparisons and price books.
std::span<const FileKind> FileKinds();

/// The kind of this name; nullptr for a name that is none of them.
const FileKind* FindFileKind(std::string_view name);

/// The kind that `json` says it is under "schema"; nullptr where it says none that is known.
const FileKind* FileKindOf(const nlohmann::json& json);

/// What is wrong with `json`, which says that it is of `kind`; another major version gives one
/// finding. Empty when it is valid. Unknown keys are no fault.
std::vector<SchemaFinding> CheckFile(const FileKind& kind, const nlohmann::json& json);

/// The finding on JSON that is of no known kind: what it says that it is, and what there is.
SchemaFinding UnknownKind(const nlohmann::json& json);

/// "2.3" of a valid file.
std::string FileVersion(const nlohmann::json& json);

}  // namespace coresweep
