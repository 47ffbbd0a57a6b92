#include "reports/history_html_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "reports/gate_html_parts.h"
#include "reports/gate_html_tables.h"
#include "reports/html_text.h"
#include "reports/json_members.h"
#include "reports/text.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;
using Ordered = nlohmann::ordered_json;

HtmlField NumberField(size_t number) {
  return {std::to_string(number), static_cast<double>(number)};
}

HtmlField CellField(const std::string& id) {
  return {fmt::format("<code>{}</code>", Html(id)), {}};
}

/// In the direction of the metric, as the sentence says it.
GateChange ChangeOf(const GateMetric& metric, const HistoryJudgement& judgement) {
  MetricJudgement shown;
  shown.ratio = judgement.ratio;
  shown.low = judgement.low;
  shown.high = judgement.high;
  return GateChangeOf(metric, shown);
}

/// A row of the table of runs.
std::vector<HtmlField> RunFields(size_t number, const Json& run, const char* what) {
  return {NumberField(number),
          TextField(MemberText(run, "file")),
          TextField(what),
          TextField(MemberText(run, "created")),
          TextField(MemberText(run, "build")),
          TextField(MemberText(run, "digest"))};
}

/// A value and its run.
struct TimedValue {
  double value = 0;
  std::optional<size_t> place;  ///< of its run among those by time, from 0
};

std::vector<TimedValue> ValuesByTime(const HistoryComparison& comparison,
                                     const std::vector<size_t>& runs,
                                     const std::vector<size_t>& place_of) {
  std::vector<TimedValue> values;
  for (size_t i = 0; i < comparison.history.size(); ++i) {
    values.push_back({comparison.history[i], {}});
    if (!runs.empty()) values.back().place = place_of.at(runs[i]);
  }
  std::stable_sort(values.begin(), values.end(),
                   [](const TimedValue& a, const TimedValue& b) { return a.place < b.place; });
  return values;
}

/// The inverse of `by_time`.
std::vector<size_t> PlacesOf(const std::vector<size_t>& by_time) {
  std::vector<size_t> places(by_time.size());
  for (size_t i = 0; i < by_time.size(); ++i)
    places[by_time[i]] = i;
  return places;
}

/// What the charts show of a comparison besides its stored values.
Ordered ComparisonColumns(const HistoryComparison& comparison, const HistoryJudgement& judgement,
                          const HistorySetup& setup) {
  Ordered columns{{"cell", comparison.cell},
                  {"metric", comparison.metric},
                  {"state", NameOf(judgement.state)},
                  {"value", ChartNumber(comparison.value)},
                  {"worse", ChartNumber(judgement.ratio)},
                  {"worseLow", ChartNumber(judgement.low)},
                  {"worseHigh", ChartNumber(judgement.high)},
                  {"expected", nullptr}};
  const auto expected = ExpectationOf(comparison, judgement, setup);
  if (!expected) return columns;
  columns["expected"] = {{"center", ChartNumber(expected->center)},
                         {"low", ChartNumber(expected->low)},
                         {"high", ChartNumber(expected->high)},
                         {"valueLow", ChartNumber(expected->value_low)},
                         {"valueHigh", ChartNumber(expected->value_high)},
                         {"tolerated", ChartNumber(expected->tolerated)},
                         {"mustCatch", ChartNumber(expected->must_catch)}};
  return columns;
}

}  // namespace

std::vector<size_t> RunsByTime(const Json& report) {
  const Json& baseline = MemberOf(report, "baseline");
  std::vector<size_t> order(baseline.size());
  std::iota(order.begin(), order.end(), size_t{0});
  // RFC 3339 in UTC with milliseconds: in the order of the texts.
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return MemberText(baseline[a], "created") < MemberText(baseline[b], "created");
  });
  return order;
}

std::vector<size_t> RunsOfValues(const Json& report, const HistoryComparison& comparison) {
  if (!comparison.runs.empty()) return comparison.runs;
  const size_t stored = MemberOf(report, "baseline").size();
  if (comparison.history.size() != stored) return {};
  std::vector<size_t> runs(stored);
  std::iota(runs.begin(), runs.end(), size_t{0});
  return runs;
}

std::string HistoryComparisonsTable(const HistoryHtmlSource& source) {
  const HistorySetup& setup = source.log.setup;
  const auto comparisons = static_cast<double>(source.log.comparisons.size());
  HtmlTable table(
      "comparisons", "Each metric of each cell against the stored runs",
      {{"Cell", false, ""},
       {"Metric", false, ""},
       {"Unit", false, ""},
       {"New run", true, ""},
       {"Stored runs", true, "geometric mean"},
       {"Low", true, "expected of one more run"},
       {"High", true, "expected of one more run"},
       {"Change", true, "%"},
       {"Low", true,
        fmt::format("{:.6g} % interval, %", 100 * (1 - setup.alpha / std::max(comparisons, 1.0)))},
       {"High", true, "%"},
       {"Values", true, "stored"},
       {"State", false, ""},
       {"Open because", false, ""}});
  for (size_t i = 0; i < source.outcome.judgements.size(); ++i) {
    const HistoryComparison& comparison = source.log.comparisons[i];
    const HistoryJudgement& judgement = source.outcome.judgements[i];
    const GateMetric& metric = setup.metrics.at(comparison.metric);
    const auto expected = ExpectationOf(comparison, judgement, setup);
    const auto part = [&](double HistoryExpectation::*of) -> std::optional<double> {
      if (!expected) return std::nullopt;
      return (*expected).*of;
    };
    const GateChange change = ChangeOf(metric, judgement);
    table.Add({CellField(comparison.cell), TextField(metric.name), TextField(ShownUnit(metric)),
               FigureField(comparison.value, Quantity),
               FigureField(part(&HistoryExpectation::center), Quantity),
               FigureField(part(&HistoryExpectation::low), Quantity),
               FigureField(part(&HistoryExpectation::high), Quantity),
               FigureField(change.change, ShareInPercent), FigureField(change.low, ShareInPercent),
               FigureField(change.high, ShareInPercent), NumberField(comparison.history.size()),
               GateStateField(judgement.state), TextField(judgement.why_open)});
  }
  return table.Empty() ? "<p>Nothing was compared.</p>" : table.Text();
}

std::string HistoryValuesTable(const HistoryHtmlSource& source) {
  HtmlTable table("values", "Values of the stored runs, by time",
                  {{"Cell", false, ""},
                   {"Metric", false, ""},
                   {"Run", true, "number by time"},
                   {"File", false, ""},
                   {"Value", true, ""},
                   {"Unit", false, ""}});
  const Json& baseline = MemberOf(source.report, "baseline");
  const std::vector<size_t> by_time = RunsByTime(source.report);
  const std::vector<size_t> places = PlacesOf(by_time);
  for (const HistoryComparison& comparison : source.log.comparisons) {
    const GateMetric& metric = source.log.setup.metrics.at(comparison.metric);
    const auto runs = RunsOfValues(source.report, comparison);
    for (const auto& [value, place] : ValuesByTime(comparison, runs, places)) {
      table.Add({CellField(comparison.cell), TextField(metric.name),
                 place ? NumberField(*place + 1) : HtmlField{"–", {}},
                 TextField(place ? MemberText(baseline[by_time[*place]], "file") : ""),
                 FigureField(value, Quantity), TextField(ShownUnit(metric))});
    }
  }
  return table.Empty() ? "" : table.Text();
}

std::string HistoryRunsTable(const Json& report) {
  HtmlTable table("runs", "The runs by time",
                  {{"Run", true, "number by time"},
                   {"File", false, ""},
                   {"What", false, ""},
                   {"Measured", false, "UTC"},
                   {"Program", false, ""},
                   {"Digest", false, ""}});
  const Json& baseline = MemberOf(report, "baseline");
  size_t number = 0;
  for (const size_t run : RunsByTime(report))
    table.Add(RunFields(++number, baseline[run], "stored"));
  table.Add(RunFields(++number, MemberOf(report, "candidate"), "judged"), true);
  return table.Text();
}

std::string HistoryChartData(const HistoryHtmlSource& source) {
  const HistorySetup& setup = source.log.setup;
  const std::vector<size_t> by_time = RunsByTime(source.report);
  const std::vector<size_t> places = PlacesOf(by_time);
  Ordered runs = Ordered::array();
  for (const size_t run : by_time) {
    const Json& stored = MemberOf(source.report, "baseline")[run];
    runs.push_back({MemberText(stored, "file"), MemberText(stored, "created")});
  }
  Ordered metrics = Ordered::array();
  for (const GateMetric& metric : setup.metrics)
    metrics.push_back({{"name", metric.name}, {"unit", ShownUnit(metric)}});
  Ordered comparisons = Ordered::array();
  for (size_t i = 0; i < source.outcome.judgements.size(); ++i) {
    const HistoryComparison& comparison = source.log.comparisons[i];
    const HistoryJudgement& judgement = source.outcome.judgements[i];
    Ordered columns = ComparisonColumns(comparison, judgement, setup);
    columns["history"] = Ordered::array();
    columns["runs"] = Ordered::array();
    const auto values = ValuesByTime(comparison, RunsOfValues(source.report, comparison), places);
    for (const auto& [value, place] : values) {
      columns["history"].push_back(ChartNumber(value));
      columns["runs"].push_back(place ? Ordered(*place) : Ordered(nullptr));
    }
    comparisons.push_back(std::move(columns));
  }
  const auto count = static_cast<double>(std::max<size_t>(source.log.comparisons.size(), 1));
  return ScriptJson({{"metrics", std::move(metrics)},
                     {"runs", std::move(runs)},
                     {"candidate", MemberText(MemberOf(source.report, "candidate"), "file")},
                     {"comparisons", std::move(comparisons)},
                     {"tolerated", ChartNumber(100 * setup.tolerated)},
                     {"mustCatch", ChartNumber(100 * setup.must_catch)},
                     {"confidence", 100 * (1 - setup.alpha / count)}});
}

}  // namespace coresweep
