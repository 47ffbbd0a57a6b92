#include "reports/history_html.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "harness/core/gate_sentence.h"
#include "reports/gate_html_parts.h"
#include "reports/history_html_tables.h"
#include "reports/html_page.h"
#include "reports/html_text.h"
#include "reports/json_members.h"
#include "reports/text.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;

int64_t CountOf(const HistoryOutcome& outcome, MetricState state) {
  return std::count_if(
      outcome.judgements.begin(), outcome.judgements.end(),
      [state](const HistoryJudgement& judgement) { return judgement.state == state; });
}

std::string HistoryAnswer(const HistoryHtmlSource& source) {
  const HistoryOutcome& outcome = source.outcome;
  std::string text = GateLead(outcome.verdict, outcome.sentence);
  if (!outcome.judgements.empty()) {
    const auto tile = [&](const char* name, MetricState state, const char* below) {
      return HtmlTile(name, std::to_string(CountOf(outcome, state)), below);
    };
    text += "<dl class=tiles>" +
            tile("Regressed", MetricState::kRegressed, "worse than tolerated, beyond chance") +
            tile("Clean", MetricState::kClean, "what must be caught is ruled out") +
            tile("Open", MetricState::kOpen, "neither is shown") + "</dl>";
  }
  return text + fmt::format(
                    "<p class=inwords>Made again from the values of {} in the report, not read "
                    "from its outcome.</p>",
                    Plural(source.log.runs, "stored run", "stored runs"));
}

std::string HistoryWarnings(const HistoryHtmlSource& source) {
  HtmlWarningList warnings;
  if (!source.log.refused.empty())
    warnings.Add("Gate", "nothing was compared: " + source.log.refused);
  if (source.outcome.advisory) {
    warnings.Add("Stored runs", fmt::format("{}, and a verdict needs {}: the figures are advice",
                                            source.log.runs, source.log.setup.least_runs));
  }
  std::set<std::string> told;
  for (const HistoryComparison& comparison : source.log.comparisons) {
    if (comparison.why_no_value.empty()) continue;
    const std::string& name = source.log.setup.metrics.at(comparison.metric).name;
    if (told.insert(name + comparison.why_no_value).second)
      warnings.Add(name, "not every run has a value: " + comparison.why_no_value);
  }
  return warnings.Text();
}

/// Of each metric the values over time; of all comparisons the changes.
std::string HistoryCharts(const HistoryHtmlSource& source) {
  const auto& judgements = source.outcome.judgements;
  const bool any = std::any_of(judgements.begin(), judgements.end(),
                               [](const HistoryJudgement& one) { return one.low.has_value(); });
  std::string html = std::string(HtmlNoScript()) + "<div class=charts>";
  const auto& metrics = source.log.setup.metrics;
  for (size_t m = 0; m < metrics.size(); ++m) {
    const std::string id = fmt::format("runs-{}", m);
    const std::string title =
        fmt::format("{} of the stored runs and the new one", Html(metrics[m].name));
    const std::string how = fmt::format(
        "Oldest run first, the new one last; {} is worse. Band: where one more run is expected. "
        "The "
        "whiskers of the new run are as wide: beyond the dashed line with all of them it has "
        "regressed, short of the other line with all of them it is clean.",
        metrics[m].higher_is_better ? "lower" : "higher");
    const bool there = std::any_of(source.log.comparisons.begin(), source.log.comparisons.end(),
                                   [m](const HistoryComparison& comparison) {
                                     return comparison.metric == m && !comparison.history.empty();
                                   });
    html += HtmlFigureText({id, title, how, "values", "No stored run has a value of it."}, there);
  }
  html += HtmlFigureText(
      {"changes", "How much worse than the stored runs",
       "Each metric of each cell with its interval, the worst first; to the right of 0 is worse. "
       "Regressed: all of the interval lies to the right of the dashed line. Clean: all of it "
       "lies to the left of the other.",
       "comparisons", "Needs a value and two stored runs.", true},
      any);
  return html + "</div>";
}

std::string HistoryHow(const HistoryHtmlSource& source) {
  const Json& report = source.report;
  const HistorySetup& setup = source.log.setup;
  const Json& candidate = MemberOf(report, "candidate");
  const Json& tool = MemberOf(report, "tool");
  return "<dl class=facts>" +
         HtmlFact("Tolerated", fmt::format("{:.4g} %", 100 * setup.tolerated)) +
         HtmlFact("Must be caught", fmt::format("{:.4g} %", 100 * setup.must_catch)) +
         HtmlFact("Chance of a false FAIL", fmt::format("at most {:.4g} %", 100 * setup.alpha)) +
         HtmlFact("Stored runs for a verdict", fmt::format("at least {}", setup.least_runs)) +
         HtmlFact("Method", MemberText(report, "method")) +
         HtmlFact("Machine", MemberText(candidate, "machine")) +
         HtmlFact("Workload", MemberText(candidate, "workload")) +
         HtmlFact("Program", "coresweep " + MemberText(tool, "version")) +
         HtmlFact("Begun", MemberText(report, "created")) +
         HtmlFact("Command", MemberText(report, "argv")) + "</dl>";
}

std::string HistoryBanner(const HistoryHtmlSource& source) {
  const Json& report = source.report;
  const std::string created = MemberText(report, "created");
  return HtmlBanner(
      "coresweep gate --baseline",
      "Is " + MemberText(MemberOf(report, "candidate"), "file") + " worse than the stored runs?",
      {Plural(source.log.runs, "stored run", "stored runs"), created.substr(0, created.find('T')),
       "coresweep " + MemberText(MemberOf(report, "tool"), "version")},
      {{"answer", "Verdict"},
       {"warnings", "Warnings"},
       {"charts", "Charts"},
       {"tables", "Tables"},
       {"how", "How measured"}});
}

}  // namespace

std::string RenderHistoryHtml(const HistoryHtmlSource& source) {
  std::string text = HtmlHead(fmt::format("coresweep gate: {}", NameOf(source.outcome.verdict)),
                              HtmlPageKind::kHistoryGate);
  text += HistoryBanner(source);
  text += HtmlSection("answer", "Verdict", HistoryAnswer(source));
  text += HtmlSection("warnings", "Warnings", HistoryWarnings(source));
  text += HtmlSection("charts", "Charts", HistoryCharts(source));
  // Before the tables: the charts need not wait for thousands of rows.
  text += HtmlScripts(HtmlPageKind::kHistoryGate, HistoryChartData(source));
  text += HtmlSection("tables", "Tables",
                      HistoryComparisonsTable(source) + HistoryRunsTable(source.report) +
                          HistoryValuesTable(source));
  text += HtmlSection("how", "How this was judged", HistoryHow(source));
  text += HtmlEnd(
      "A run gives one value of a metric of a cell: repetitions within a run know nothing of what "
      "differs from day to day. What one more run may be is the prediction interval of Student's "
      "t over the logarithms of the stored runs; the chance of a false FAIL is shared among all "
      "comparisons.",
      MemberText(MemberOf(source.report, "tool"), "version"));
  return text;
}

}  // namespace coresweep
