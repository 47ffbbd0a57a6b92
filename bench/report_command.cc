// `coresweep report`: a stored report in another format.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "bench/commands.h"
#include "bench/exit_codes.h"
#include "bench/gate_formats.h"
#include "bench/out_of_memory.h"
#include "bench/price_books.h"
#include "bench/report_file.h"
#include "bench/terminal.h"
#include "harness/base/atomic_file.h"
#include "harness/base/error.h"
#include "reports/continuous_report.h"
#include "reports/csv_report.h"
#include "reports/deterministic_report.h"
#include "reports/file_kinds.h"
#include "reports/history_report.h"
#include "reports/html_report.h"
#include "reports/json_text.h"
#include "reports/json_values.h"
#include "reports/junit_report.h"
#include "reports/markdown_report.h"
#include "reports/openmetrics_report.h"
#include "reports/replayed_console.h"
#include "reports/stored_console.h"
#include "reports/text.h"
#include "reports/trace_report.h"

namespace coresweep {
namespace {

struct ReportOptions {
  std::string report;
  std::string format;
  std::string cell;  ///< "" = all
  std::string output;
  bool deterministic = false;
  std::string prices;  ///< "" = no costs
  LifeOptions life;
};

/// What the formats are made of.
struct ReportSource {
  const ReportOptions& options;
  const std::string& text;  ///< the file
  const nlohmann::json& report;
};

using Renderer = std::function<std::string(const ReportSource&)>;
using Renderers = std::map<std::string, Renderer>;

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
  const ReportOptions& options = source.options;
  const StoredPage page = ReadStoredPage(source.report, options.report);
  if (options.prices.empty()) return RenderHtml(source.report, page);
  SweepCosts costs{FindPriceBook(options.prices).book,
                   ReadCostedRun(source.report, options.report),
                   options.life.run_s,
                   options.life.pull_s,
                   {}};
  if (IsOtherArchitecture(costs.run, costs.book)) {
    throw UsageError(fmt::format("--price-book {}: its prices are of {}, and {} is of {}",
                                 options.prices, costs.book.architecture, options.report,
                                 costs.run.architecture));
  }
  CostQuestion question;
  question.run_s = options.life.run_s;
  question.pull_s = options.life.pull_s;
  costs.cells = CostCells(costs.run, costs.book, question);
  return RenderHtml(source.report, page, &costs);
}

/// What the run printed, as far as the report has what it takes.
std::string RenderConsoleFrom(const ReportSource& source) {
  const ReportOptions& options = source.options;
  const StoredPage page = ReadStoredPage(source.report, options.report);
  const ConsoleOptions look{TextWidth(options.output), options.output.empty() && IsTerminal(1)};
  ReplayedConsole again = ReplayConsole(source.report, page, options.report, look);
  if (!again.text.empty()) return again.text;
  std::string text = RenderStoredConsole(source.report, page, look.width);
  if (!again.why_not.empty()) text += "\n" + Wrap(Printable(again.why_not), look.width);
  return text;
}

std::string RenderTraceOf(const ReportSource& source) {
  return RenderTrace(source.report, source.options.cell, source.options.report);
}

const Renderers& SweepRenderers() {
  static const Renderers renderers{{"bencher", OfPage<RenderBencher>},
                                   {"console", RenderConsoleFrom},
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

template <typename Formats>
std::vector<std::string> NamesOf(const Formats& formats) {
  std::vector<std::string> names;
  names.reserve(formats.size());
  for (const auto& [name, format] : formats)
    names.push_back(name);
  return names;
}

/// Of all kinds of report.
std::vector<std::string> Formats() {
  std::set<std::string> names;
  for (const auto& of :
       {NamesOf(SweepRenderers()), NamesOf(FormatsOfGates()), NamesOf(FormatsOfHistoryGates())})
    names.insert(of.begin(), of.end());
  return {names.begin(), names.end()};
}

/// What writes the format asked for.
template <typename Formats>
const auto& FormatOf(const ReportOptions& options, const Formats& formats, const char* command) {
  const auto found = formats.find(options.format);
  if (found == formats.end()) {
    throw UsageError(fmt::format("{}: a report of `coresweep {}` has no --format {}; it has {}",
                                 options.report, command, options.format,
                                 fmt::join(NamesOf(formats), ", ")));
  }
  return found->second;
}

std::string RenderGate(const ReportSource& source, const GateFormats& formats,
                       const char* command) {
  const ReportOptions& options = source.options;
  const auto& format = FormatOf(options, formats, command);
  for (const auto& [given, option] : {std::pair(!options.prices.empty(), "--price-book"),
                                      std::pair(options.deterministic, "--deterministic")}) {
    if (!given) continue;
    throw UsageError(
        fmt::format("{}: only for reports of `coresweep run`, and {} is of `coresweep {}`", option,
                    options.report, command));
  }
  return format({source.report, source.text, options.report, TextWidth(options.output)});
}

std::string Render(const ReportSource& source) {
  const std::string& path = source.options.report;
  const FileKind* const kind = FileKindOf(source.report);
  const bool history = IsHistoryReport(source.report);
  if (history || (kind != nullptr && kind->name == "coresweep.gate")) {
    RequireValid(*kind, source.report, path);
    return history ? RenderGate(source, FormatsOfHistoryGates(), "gate --baseline")
                   : RenderGate(source, FormatsOfGates(), "gate");
  }
  RequireSweepReport(source.report, path);
  return FormatOf(source.options, SweepRenderers(), "run")(source);
}

int Run(const ReportOptions& options) {
  EndWhenOutOfMemory();
  if (options.deterministic && options.format != "json")
    throw UsageError("--deterministic: only with --format json");
  if (!options.prices.empty() && options.format != "html")
    throw UsageError("--price-book: only with --format html; coresweep cost tells costs in words");
  if (!options.cell.empty() && options.format != "trace") {
    throw UsageError(
        fmt::format("--cell: --format {} shows all cells; it is for trace", options.format));
  }
  const std::string stored = ReadReportText(options.report);
  const nlohmann::json report = ParseJsonText(stored, options.report);
  const std::string text = Render({options, stored, report});
  if (options.output.empty()) {
    fmt::print("{}", text);
  } else {
    WriteFileAtomically(options.output, text);
  }
  return kExitOk;
}

}  // namespace

void DeclareReport(CLI::App& app, Action& action) {
  CLI::App* command =
      app.add_subcommand("report", "A report of `coresweep run` or `gate` in another format");
  const auto options = std::make_shared<ReportOptions>();
  command->add_option("report", options->report, "report of `coresweep run` or `coresweep gate`")
      ->option_text("REPORT.json")
      ->required();
  command
      ->add_option(
          "--format", options->format,
          "bencher (Bencher Metric Format), console (as the run printed it), csv (a row a cell), "
          "github-action-benchmark (its "
          "customBiggerIsBetter), html (a page with charts that needs no network), json (the "
          "report "
          "in lines), junit (test results), markdown (for a pull request), openmetrics (for "
          "Prometheus), otava (CSV for Apache Otava), trace (chunks on a timeline, for Perfetto); "
          "of a gate, also against stored runs: console (as the gate printed it), html, json, "
          "markdown")
      ->option_text("FORMAT")
      ->required()
      ->check(CLI::IsMember(Formats()));
  command->add_option("--cell", options->cell, "with trace: only this cell")->option_text("ID");
  command->add_flag(
      "--deterministic", options->deterministic,
      "with json: without when, where and by which call it was measured, keys sorted; "
      "for diffs");
  CLI::Option* prices =
      command
          ->add_option(
              "--price-book", options->prices,
              "with html: throughput against cost in these prices, a name of `coresweep cost "
              "--list` or a file ending in .json")
          ->option_text("NAME|FILE");
  for (CLI::Option* const option : DeclareContainerLife(*command, options->life))
    option->needs(prices);
  command->add_option("-o,--output", options->output, "file (default: standard output)")
      ->option_text("FILE");
  command->footer(
      "The report is held against its schema first, as `coresweep validate` does; the "
      "verdict "
      "of a gate is made again from its launches or the stored runs' values, as `coresweep "
      "analyze` does, and a report that says another one is refused.\n\n"
      "Exit codes: 0 written, whatever the verdict; 1 the output cannot be written; 2 it is no "
      "such "
      "report.\n\n"
      "Examples:\n"
      "  coresweep report report.json --format markdown >> \"$GITHUB_STEP_SUMMARY\"\n"
      "  coresweep report report.json --format html -o report.html\n"
      "  coresweep report report.json --format html --price-book aci-standard-eastus -o "
      "report.html\n"
      "  coresweep report gate.json --format html -o gate.html\n"
      "  coresweep report report.json --format junit -o results.xml\n"
      "  coresweep report report.json --format bencher -o bmf.json\n"
      "  coresweep report report.json --format trace -o trace.json   # open in ui.perfetto.dev\n"
      "  diff <(coresweep report old.json --format json --deterministic) \\\n"
      "      <(coresweep report new.json --format json --deterministic)");
  command->callback(
      [options, &action] { action = [options](const ProgramContext&) { return Run(*options); }; });
}

}  // namespace coresweep
