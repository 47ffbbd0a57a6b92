// Whether JSON is a report of `coresweep run`.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "reports/json_schema.h"

namespace coresweep {

/// The schema of reports: reports/schema/coresweep.report.2.json. Other kinds:
/// reports/file_kinds.h.
std::string_view ReportSchemaText();

/// The version of the schema that this program writes, and the latest minor that it checks.
inline constexpr int kReportMajor = 2;
inline constexpr int kReportMinor = 3;

/// What is wrong with `report`; empty when it is a report that this program reads. JSON of another
/// kind or of another major version gives one finding. Unknown keys are no fault.
std::vector<SchemaFinding> CheckReport(const nlohmann::json& report);

/// The same by another `schema`, that of parts of a report.
std::vector<SchemaFinding> CheckReportBy(const JsonSchema& schema, const nlohmann::json& report);

/// "2.3" of a valid report.
std::string ReportVersion(const nlohmann::json& report);

}  // namespace coresweep
