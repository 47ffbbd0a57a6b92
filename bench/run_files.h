// Where `coresweep run` writes: the report and, beside it, the journal.
#pragma once

#include <filesystem>
#include <string>

namespace coresweep {

struct RunFiles {
  std::filesystem::path report;
  std::filesystem::path journal;  ///< empty: the report is no file (a pipe, /dev/null)
};

/// REPORT.journal.
std::filesystem::path JournalPathOf(const std::filesystem::path& report);

/// Of a new sweep. `output`: "" = report.json, or the first of report-2.json, … that does not
/// exist and has no journal: what was not asked to be replaced is not.
RunFiles FilesOfNewSweep(const std::string& output);

/// Of `--resume resumed`, a report or its journal; with `output` the report is written there, and
/// the journal stays where it is.
RunFiles FilesOfResumedSweep(const std::string& resumed, const std::string& output);

/// Throws `UsageError` when `report` cannot be written. Not while another process writes it: to ask
/// spoils what that one is about to rename.
void RequireWritable(const std::filesystem::path& report);

}  // namespace coresweep
