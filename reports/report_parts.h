// Chosen parts of a report's text, for readers of large ones.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reports/json_schema.h"

namespace coresweep {

/// A tree of keys. A value whose key has no keys below is taken whole; arrays are walked through.
struct ReportParts {
  std::map<std::string, ReportParts, std::less<>> keys;  ///< empty: everything
};

/// What a comparison of container sizes reads: see `ReadSkuReport`.
const ReportParts& SkuReportParts();

/// The chosen parts of `text`, without the others, which are skipped over and not looked into; it
/// is some ten times as fast as reading all of it. nullopt when `text` is no JSON: a reader of the
/// whole can say why.
std::optional<nlohmann::json> ReadReportParts(std::string text, const ReportParts& parts);

/// As `CheckReport`, of the chosen parts alone: what was not taken is not missed.
std::vector<SchemaFinding> CheckReportParts(const nlohmann::json& report, const ReportParts& parts);

/// `schema` without what it says of keys that are not among `parts`.
nlohmann::json SchemaOfParts(const nlohmann::json& schema, const ReportParts& parts);

}  // namespace coresweep
