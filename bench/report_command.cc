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
#include "bench/out_of_memory.h"
#include "bench/report_file.h"
#include "harness/base/atomic_file.h"
#include "harness/base/error.h"
#include "reports/continuous_report.h"
#include "reports/csv_report.h"
#include "reports/deterministic_report.h"
#include "reports/html_report.h"
#include "reports/json_values.h"
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
  bool deterministic = false;
};

/// What the formats are made of.
struct ReportSource {
  const ReportOptions& options;
  const std::string& text;  ///< the file
  const nlohmann::json& report;
};

/// Of a format that needs no more than the page.
template <std::string (*render)(const StoredPage&)>
std::string OfPage(const ReportSource& source) {
  return render(ReadStoredPage(source.report, source.options.report));
}

/// In lines, so that they can be compared. Keys are in the order of the report; without what
/// differs from call to call they are sorted.
std::string RenderJson(const ReportSource& source) {
  constexpr auto kReplace = nlohmann::json::error_handler_t::replace;
  if (source.options.deterministic)
    return DeterministicReport(source.report).dump(1, ' ', false, kReplace) + "\n";
  return OrderedJson::parse(source.text).dump(1, ' ', false, kReplace) + "\n";
}

std::string RenderHtmlOf(const ReportSource& source) {
  return RenderHtml(source.report, ReadStoredPage(source.report, source.options.report));
}

std::string RenderTraceOf(const ReportSource& source) {
  return RenderTrace(source.report, source.options.cell, source.options.report);
}

using Renderer = std::function<std::string(const ReportSource&)>;

const std::map<std::string, Renderer>& Renderers() {
  static const std::map<std::string, Renderer> renderers{
      {"bencher", OfPage<RenderBencher>},
      {"csv", OfPage<RenderCsv>},
      {"github-action-benchmark", OfPage<RenderGithubActionBenchmark>},
      {"html", RenderHtmlOf},
      {"json", RenderJson},
      {"junit", OfPage<RenderJunit>},
      {"markdown", OfPage<RenderMarkdown>},
      {"openmetrics", OfPage<RenderOpenMetrics>},
      {"otava", OfPage<RenderOtava>},
      {"trace", RenderTraceOf}};
  return renderers;
}

std::vector<std::string> Formats() {
  std::vector<std::string> formats;
  for (const auto& [name, renderer] : Renderers())
    formats.push_back(name);
  return formats;
}

int Run(const ReportOptions& options) {
  EndWhenOutOfMemory();
  if (options.deterministic && options.format != "json")
    throw UsageError("--deterministic: only with --format json");
  if (!options.cell.empty() && options.format != "trace") {
    throw UsageError(
        fmt::format("--cell: --format {} shows all cells; it is for trace", options.format));
  }
  const std::string stored = ReadReportText(options.report);
  const nlohmann::json report = ParseSweepReport(stored, options.report);
  const std::string text = Renderers().at(options.format)({options, stored, report});
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
      ->add_option(
          "--format", options->format,
          "bencher (Bencher Metric Format), csv (a row a cell), github-action-benchmark (its "
          "customBiggerIsBetter), html (a page with charts that needs no network), json (the "
          "report "
          "in lines), junit (test results), markdown (for a pull request), openmetrics (for "
          "Prometheus), otava (CSV for Apache Otava), trace (chunks on a timeline, for Perfetto)")
      ->option_text("FORMAT")
      ->required()
      ->check(CLI::IsMember(Formats()));
  command->add_option("--cell", options->cell, "with trace: only this cell")->option_text("ID");
  command->add_flag(
      "--deterministic", options->deterministic,
      "with json: without when, where and by which call it was measured, keys sorted; "
      "for diffs");
  command->add_option("-o,--output", options->output, "file (default: standard output)")
      ->option_text("FILE");
  command->footer(
      "The report is held against its schema first, as `coresweep validate` does.\n\n"
      "Exit codes: 0 written; 1 the output cannot be written; 2 it is no such report.\n\n"
      "Examples:\n"
      "  coresweep report report.json --format markdown >> \"$GITHUB_STEP_SUMMARY\"\n"
      "  coresweep report report.json --format html -o report.html\n"
      "  coresweep report report.json --format junit -o results.xml\n"
      "  coresweep report report.json --format bencher -o bmf.json\n"
      "  coresweep report report.json --format trace -o trace.json   # open in ui.perfetto.dev\n"
      "  diff <(coresweep report old.json --format json --deterministic) \\\n"
      "      <(coresweep report new.json --format json --deterministic)");
  command->callback(
      [options, &action] { action = [options](const ProgramContext&) { return Run(*options); }; });
}

}  // namespace coresweep
