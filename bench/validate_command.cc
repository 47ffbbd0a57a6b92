// `coresweep validate`: are these files what they say they are?
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
#include "reports/file_kinds.h"
#include "reports/text.h"

namespace coresweep {
namespace {

constexpr size_t kMostFindings = 20;  ///< printed of one file

/// "valid coresweep.report 2.3", and what a later minor means.
std::string ValidText(const FileKind& kind, const nlohmann::json& file) {
  std::string text = fmt::format("valid {} {}", kind.name, FileVersion(file));
  if (file["schema_version"]["minor"] > kind.minor) {
    text += fmt::format(" (this program knows {}.{}: what is newer was not checked)", kind.major,
                        kind.minor);
  }
  return text;
}

/// One line for each kind: "  coresweep.gate 1.0: a report of `coresweep gate`".
std::string KindLines() {
  std::string lines;
  for (const FileKind& kind : FileKinds())
    lines += fmt::format("  {} {}.{}: {}\n", kind.name, kind.major, kind.minor, kind.what);
  return lines;
}

void PrintLine(const std::string& path, const std::string& text) {
  fmt::print("{}\n", Printable(fmt::format("{}: {}", path, text)));
}

/// Prints what is to be said of the file; whether it is valid.
bool Validate(const std::string& path) {
  const nlohmann::json file = ReadReportFile(path);
  const FileKind* const kind = FileKindOf(file);
  const auto findings = kind == nullptr ? std::vector{UnknownKind(file)} : CheckFile(*kind, file);
  const size_t shown = std::min(findings.size(), kMostFindings);
  for (size_t i = 0; i < shown; ++i)
    PrintLine(path, fmt::format("{}: {}", WhereOf(findings[i]), findings[i].text));
  if (shown < findings.size()) PrintLine(path, fmt::format("and {} more", findings.size() - shown));
  if (findings.empty()) PrintLine(path, ValidText(*kind, file));
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
      "validate",
      "Are these files what they say they are, reports, comparisons or price books? Checked by "
      "their JSON Schemas");
  const auto paths = std::make_shared<std::vector<std::string>>();
  command->add_option("files", *paths, "reports, comparisons, price books")
      ->option_text("FILE.json ...")
      ->required();
  command->footer(
      fmt::format("The schema is that which a file names under \"schema\":\n{}"
                  "One line a file that is valid; else one a fault, with the JSON pointer of the "
                  "value, at most {} of a file. Keys that a schema does not know are no fault, "
                  "another major version is one. The schemas are built in, and installed in "
                  "share/coresweep/schema.\n\n"
                  "Exit codes: 0 every file is valid; 2 one is not, or cannot be read.",
                  KindLines(), kMostFindings));
  command->callback(
      [paths, &action] { action = [paths](const ProgramContext&) { return Run(*paths); }; });
}

}  // namespace coresweep
