// Reports that this program wrote, read again.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace coresweep {

struct FileKind;

/// The JSON in the file `path`, of at most 1 GiB. Throws `UsageError` naming it, and the line and
/// column of what is no JSON.
nlohmann::json ReadReportFile(const std::string& path);

/// The bytes of the file `path`, of at most 1 GiB. Throws `UsageError` naming it.
std::string ReadReportText(const std::string& path);

/// Throws `UsageError` naming `path` and the place of the first fault unless `json`, read from
/// there, is valid by the schema of `kind`.
void RequireValid(const FileKind& kind, const nlohmann::json& json, const std::string& path);

/// Throws as `ReadSweepReport` unless `report`, read from `path`, is a report of `coresweep run`.
void RequireSweepReport(const nlohmann::json& report, const std::string& path);

/// `text` of the file `path` as a report of `coresweep run`; throws as `ReadSweepReport`.
nlohmann::json ParseSweepReport(const std::string& text, const std::string& path);

/// The same of a report of `coresweep run`. Throws `UsageError` saying what is wrong, and where,
/// unless it is valid by the schema of reports.
nlohmann::json ReadSweepReport(const std::string& path);

/// What `CompareSkus` needs of a report of `coresweep run`, which is read by its parts and held
/// against what the schema says of these. Throws as `ReadSweepReport` does.
nlohmann::json ReadSkuParts(const std::string& path);

}  // namespace coresweep
