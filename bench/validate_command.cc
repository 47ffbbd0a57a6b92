// `coresweep validate`: are these files reports that this program reads?
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bench/commands.h"
#include "bench/exit_codes.h"
#include "bench/out_of_memory.h"
#include "bench/report_file.h"
#include "harness/base/error.h"
#include "reports/report_schema.h"
#include "reports/text.h"

namespace coresweep {
namespace {

constexpr size_t kMostFindings = 20;  ///< printed of one file

/// "valid coresweep.report 2.3", and what a later minor means.
std::string ValidText(const nlohmann::json& report) {
  std::string text = fmt::format("valid coresweep.report {}", ReportVersion(report));
  if (report["schema_version"]["minor"] > kReportMinor) {
    text += fmt::format(" (this program knows {}.{}: what is newer was not checked)", kReportMajor,
                        kReportMinor);
  }
  return text;
}

void PrintLine(const std::string& path, const std::string& text) {
  fmt::print("{}\n", Printable(fmt::format("{}: {}", path, text)));
}

/// Prints what is to be said of the file; whether it is valid.
bool Validate(const std::string& path) {
  const nlohmann::json report = ReadReportFile(path);
  const auto findings = CheckReport(report);
  const size_t shown = std::min(findings.size(), kMostFindings);
  for (size_t i = 0; i < shown; ++i)
    PrintLine(path, fmt::format("{}: {}", WhereOf(findings[i]), findings[i].text));
  if (shown < findings.size()) PrintLine(path, fmt::format("and {} more", findings.size() - shown));
  if (findings.empty()) PrintLine(path, ValidText(report));
  return findings.empty();
}

int Run(const std::vector<std::string>& paths) {
  EndWhenOutOfMemory();
  bool all_valid = true;
  for (const std::string& path : paths) {
    try {
      all_valid = Validate(path) && all_valid;
    } catch (const UsageError& error) {
      fmt::print("{}\n", Printable(error.what()));
      all_valid = false;
    }
  }
  return all_valid ? kExitOk : kExitUsage;
}

}  // namespace

void DeclareValidate(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand(
      "validate", "Are these files reports of `coresweep run`? Checked by the schema of reports");
  const auto paths = std::make_shared<std::vector<std::string>>();
  command->add_option("reports", *paths, "reports of `coresweep run`")
      ->option_text("REPORT.json ...")
      ->required();
  command->footer(fmt::format(
      "One line a file that is valid; else one a fault, with the JSON pointer of the value, at "
      "most "
      "{} of a file. Keys that the schema does not know are no fault. The schema is built in, and "
      "installed as share/coresweep/schema/coresweep.report.2.json.\n\n"
      "Exit codes: 0 every file is valid; 2 one is not, or cannot be read.",
      kMostFindings));
  command->callback(
      [paths, &action] { action = [paths](const ProgramContext&) { return Run(*paths); }; });
}

}  // namespace coresweep
