// `coresweep report`: a stored report in another format.
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bench/commands.h"
#include "bench/exit_codes.h"
#include "bench/gate_file.h"
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
#include "reports/gate_html.h"
#include "reports/gate_report.h"
#include "reports/github_summary.h"
#include "reports/history_report.h"
#include "reports/html_report.h"
#include "reports/json_text.h"
#include "reports/json_values.h"
#include "reports/junit_report.h"
#include "reports/markdown_report.h"
#include "reports/openmetrics_report.h"
#include "reports/stored_console.h"
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

std::string RenderConsoleOf(const ReportSource& source) {
  return RenderStoredConsole(source.report, ReadStoredPage(source.report, source.options.report),
                             TextWidth(source.options.output));
}

std::string RenderTraceOf(const ReportSource& source) {
  return RenderTrace(source.report, source.options.cell, source.options.report);
}

/// A gate's report, its verdict made again and held against what it says.
struct CheckedGate {
  StoredGate stored;
  OrderedJson outcome;

  explicit CheckedGate(const ReportSource& source)
      : stored(ReplayStoredGate(source.report, source.options.report)),
        outcome(GateOutcomeJson(stored.trace.session, stored.trace.session.Over())) {
    CheckStoredOutcome(source.report, outcome, source.options.report,
                       fmt::format("which coresweep analyze {} shows", source.options.report));
  }
};

std::string RenderGateConsoleOf(const ReportSource& source) {
  const CheckedGate gate(source);
  return RenderGateConsole(gate.stored.log, gate.stored.trace.session,
                           TextWidth(source.options.output));
}

std::string RenderGateMarkdown(const ReportSource& source) {
  constexpr size_t kColumns = 100;
  const CheckedGate gate(source);
  const GateSession& session = gate.stored.trace.session;
  return GateSummary(NameOf(session.Outcome().verdict),
                     RenderGateConsole(gate.stored.log, session, kColumns));
}

std::string RenderGateHtmlOf(const ReportSource& source) {
  const CheckedGate gate(source);
  return RenderGateHtml({source.report, gate.stored.log, gate.stored.trace, gate.outcome});
}

std::string RenderGateJson(const ReportSource& source) {
  const CheckedGate gate(source);
  return RenderJson(source);
}

const Renderers& SweepRenderers() {
  static const Renderers renderers{{"bencher", OfPage<RenderBencher>},
                                   {"console", RenderConsoleOf},
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

const Renderers& GateRenderers() {
  static const Renderers renderers{{"console", RenderGateConsoleOf},
                                   {"html", RenderGateHtmlOf},
                                   {"json", RenderGateJson},
                                   {"markdown", RenderGateMarkdown}};
  return renderers;
}

std::vector<std::string> NamesOf(const Renderers& renderers) {
  std::vector<std::string> names;
  for (const auto& [name, renderer] : renderers)
    names.push_back(name);
  return names;
}

std::vector<std::string> Formats() {
  std::vector<std::string> formats = NamesOf(SweepRenderers());
  for (const std::string& name : NamesOf(GateRenderers()))
    if (!SweepRenderers().contains(name)) formats.push_back(name);
  std::sort(formats.begin(), formats.end());
  return formats;
}

std::string Render(const ReportSource& source) {
  const ReportOptions& options = source.options;
  const FileKind* const kind = FileKindOf(source.report);
  const bool gate = kind != nullptr && kind->name == "coresweep.gate";
  if (IsHistoryReport(source.report)) {
    throw UsageError(
        fmt::format("{}: of `gate --baseline`; such a report has no other formats: coresweep "
                    "analyze {} shows it",
                    options.report, options.report));
  }
  const Renderers& renderers = gate ? GateRenderers() : SweepRenderers();
  const auto found = renderers.find(options.format);
  if (gate) {
    RequireValid(*kind, source.report, options.report);
  } else {
    RequireSweepReport(source.report, options.report);
  }
  if (found == renderers.end()) {
    throw UsageError(fmt::format("{}: a report of `coresweep {}` has no --format {}; it has {}",
                                 options.report, gate ? "gate" : "run", options.format,
                                 fmt::join(NamesOf(renderers), ", ")));
  }
  if (gate && !options.prices.empty()) {
    throw UsageError(
        fmt::format("--price-book: only for reports of `coresweep run`, and {} is of "
                    "`coresweep gate`",
                    options.report));
  }
  if (gate && options.deterministic) {
    throw UsageError(
        fmt::format("--deterministic: only for reports of `coresweep run`, and {} is "
                    "of `coresweep gate`",
                    options.report));
  }
  return found->second(source);
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
          "bencher (Bencher Metric Format), console (for a terminal), csv (a row a cell), "
          "github-action-benchmark (its "
          "customBiggerIsBetter), html (a page with charts that needs no network), json (the "
          "report "
          "in lines), junit (test results), markdown (for a pull request), openmetrics (for "
          "Prometheus), otava (CSV for Apache Otava), trace (chunks on a timeline, for Perfetto); "
          "of a gate: console (as the gate printed it), html, json, markdown")
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
      "of a gate is made again from its launches, as `coresweep analyze` does, and a report that "
      "says another one is refused.\n\n"
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
