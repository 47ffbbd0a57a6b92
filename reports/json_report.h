// The report: one self-contained JSON file from which every other output can be made.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "harness/core/report_writer.h"

namespace coresweep {

struct JsonReportOptions {
  std::filesystem::path path;
  std::string tool_json;        ///< rendered value of "tool"; "" = null
  std::string requested_json;   ///< rendered value of "config.requested"; "" = null
  std::string argv;             ///< the command line that asked for the sweep
  int64_t created_unix_ms = 0;  ///< value of "created"; 0: when the writer is made
};

/// Rewrites `options.path` as a whole and atomically at `Begin`, after every trial and at `End`: it
/// is valid JSON at any time, also after kill -9, and holds every finished trial. `Begin` throws
/// `Error` naming the path when it cannot be written. A sweep must not change but by growing.
/// Throws `Error` when a rendered text of `options` is not JSON.
std::unique_ptr<ReportWriter> MakeJsonReport(JsonReportOptions options);

/// The text of the report on `sweep` as it is. Pure; "created" is null when it is not given.
std::string RenderJsonReport(const SweepResult& sweep, const JsonReportOptions& options);

}  // namespace coresweep
