// Whether a report of `coresweep run` says what its own trials give.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace coresweep {

/// A value that is another one when it is made again.
struct AuditDifference {
  std::string pointer;    ///< JSON pointer (RFC 6901) into the report
  std::string in_report;  ///< the JSON there; "nothing" where there is none
  std::string again;      ///< the JSON that the trials give
};

struct SweepAudit {
  int64_t values = 0;  ///< made again and compared, null and empty ones left out
  int64_t cells = 0, trials = 0;
  std::vector<AuditDifference> differences;
  std::vector<std::string> left_out;  ///< what could not be made again, by name, and why
};

/// Makes everything of `report` that follows from its trials again, by the functions that write
/// reports, and compares: numbers bit for bit (2 and 2.0 are one number), texts as they are.
/// `report` is valid by the schema. Throws as `SweepFromReport`.
SweepAudit AuditSweep(const nlohmann::json& report, const std::string& origin);

/// The page of `coresweep analyze` on the report `path`, with its last newline.
std::string RenderSweepAudit(const SweepAudit& audit, const std::string& path);

}  // namespace coresweep
