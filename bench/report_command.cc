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
#include "reports/html_report.h"
#include "reports/junit_report.h"
#include "reports/markdown_report.h"
#include "reports/openmetrics_report.h"

namespace coresweep {
namespace {

struct ReportOptions {
  std::string report;
  std::string format;
  std::string output;
};

using Renderer = std::function<std::string(const nlohmann::json&, const StoredPage&)>;

/// One that needs no more than the page.
template <std::string (*render)(const StoredPage&)>
std::string OfPage(const nlohmann::json& /*report*/, const StoredPage& page) {
  return render(page);
}

const std::map<std::string, Renderer>& Renderers() {
  static const std::map<std::string, Renderer> renderers{
      {"csv", OfPage<RenderCsv>},
      {"html", RenderHtml},
      {"junit", OfPage<RenderJunit>},
      {"markdown", OfPage<RenderMarkdown>},
      {"openmetrics", OfPage<RenderOpenMetrics>}};
  return renderers;
}

std::vector<std::string> Formats() {
  std::vector<std::string> formats;
  for (const auto& [name, renderer] : Renderers())
    formats.push_back(name);
  return formats;
}

int Run(const ReportOptions& options) {
  const nlohmann::json report = ReadSweepReport(options.report);
  const StoredPage page = ReadStoredPage(report, options.report);
  const std::string text = Renderers().at(options.format)(report, page);
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
                   "csv (a row a cell), html (a page with charts that needs no network), junit "
                   "(test results), markdown (for a pull request), openmetrics (for Prometheus)")
      ->option_text("FORMAT")
      ->required()
      ->check(CLI::IsMember(Formats()));
  command->add_option("-o,--output", options->output, "file (default: standard output)")
      ->option_text("FILE");
  command->footer(
      "The report is held against its schema first, as `coresweep validate` does.\n\n"
      "Exit codes: 0 written; 1 the output cannot be written; 2 it is no such report.\n\n"
      "Examples:\n"
      "  coresweep report report.json --format markdown >> \"$GITHUB_STEP_SUMMARY\"\n"
      "  coresweep report report.json --format html -o report.html\n"
      "  coresweep report report.json --format junit -o results.xml");
  command->callback(
      [options, &action] { action = [options](const ProgramContext&) { return Run(*options); }; });
}

}  // namespace coresweep
