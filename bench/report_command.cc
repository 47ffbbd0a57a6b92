// `coresweep report`: a stored report in another format.
#include <fmt/format.h>

#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bench/commands.h"
#include "bench/exit_codes.h"
#include "bench/report_file.h"
#include "harness/base/atomic_file.h"
#include "harness/base/error.h"
#include "reports/csv_report.h"
#include "reports/junit_report.h"
#include "reports/markdown_report.h"
#include "reports/openmetrics_report.h"
#include "reports/trace_report.h"

namespace coresweep {
namespace {

struct ReportOptions {
  std::string report;
  std::string format;
  std::string cell;  ///< "" = all
  std::string output;
};

constexpr const char* kTrace = "trace";

using Renderer = std::function<std::string(const StoredPage&)>;

const std::map<std::string, Renderer>& Renderers() {
  static const std::map<std::string, Renderer> renderers{{"csv", RenderCsv},
                                                         {"junit", RenderJunit},
                                                         {"markdown", RenderMarkdown},
                                                         {"openmetrics", RenderOpenMetrics}};
  return renderers;
}

std::vector<std::string> Formats() {
  std::vector<std::string> formats{kTrace};
  for (const auto& [name, renderer] : Renderers())
    formats.push_back(name);
  return formats;
}

std::string Rendered(const ReportOptions& options) {
  const nlohmann::json report = ReadSweepReport(options.report);
  if (options.format == kTrace) return RenderTrace(report, options.cell, options.report);
  if (!options.cell.empty()) {
    throw UsageError(
        fmt::format("--cell: --format {} shows all cells; it is for {}", options.format, kTrace));
  }
  return Renderers().at(options.format)(ReadStoredPage(report, options.report));
}

int Run(const ReportOptions& options) {
  const std::string text = Rendered(options);
  if (options.output.empty()) {
    fmt::print("{}", text);
  } else {
    WriteFileAtomically(options.output, text);
  }
  return kExitOk;
}

}  // namespace

void DeclareReport(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("report", "A report of `coresweep run` in another format");
  const auto options = std::make_shared<ReportOptions>();
  command->add_option("report", options->report, "report of `coresweep run`")
      ->option_text("REPORT.json")
      ->required();
  command
      ->add_option("--format", options->format,
                   "csv (a row a cell), junit (test results), markdown (for a pull request), "
                   "openmetrics (for Prometheus), trace (chunks on a timeline, for Perfetto)")
      ->option_text("FORMAT")
      ->required()
      ->check(CLI::IsMember(Formats()));
  command->add_option("--cell", options->cell, "trace: only this cell")->option_text("ID");
  command->add_option("-o,--output", options->output, "file (default: standard output)")
      ->option_text("FILE");
  command->footer(
      "The report is held against its schema first, as `coresweep validate` does.\n\n"
      "Exit codes: 0 written; 1 the output cannot be written; 2 it is no such report.\n\n"
      "Examples:\n"
      "  coresweep report report.json --format markdown >> \"$GITHUB_STEP_SUMMARY\"\n"
      "  coresweep report report.json --format junit -o results.xml\n"
      "  coresweep report report.json --format trace -o trace.json   # open in ui.perfetto.dev");
  command->callback(
      [options, &action] { action = [options](const ProgramContext&) { return Run(*options); }; });
}

}  // namespace coresweep
