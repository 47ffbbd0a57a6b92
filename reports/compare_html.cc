#include "reports/compare_html.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/pareto.h"
#include "reports/compare_report.h"
#include "reports/html_page.h"
#include "reports/html_text.h"
#include "reports/text.h"

namespace coresweep {
namespace {

using Ordered = nlohmann::ordered_json;
using Show = std::string (*)(double);

constexpr HtmlFigure kSkus{
    "skus", "Throughput of each SKU",
    "Of the configuration it is judged by. Diamond: median over container instances; whiskers: its "
    "interval from five instances on, else least to greatest; small points: the instances.",
    "skus-table", "Needs a SKU with a configuration to be judged by."};
constexpr HtmlFigure kLatency{
    "latency", "Throughput against latency",
    "Up and to the left is better. The line joins the SKUs that no other beats in both.",
    "skus-table", "Needs SKUs with a 99th percentile."};
constexpr HtmlFigure kCost{
    "cost", "Throughput against cost",
    "Up and to the left is better. Points with whiskers: each SKU as it is judged; the line: the "
    "Pareto front over all configurations of all SKUs.",
    "fronts-table", "Needs prices: give them with --price-book."};
constexpr HtmlFigure kCostLatency{
    "cost-latency", "Latency against cost",
    "Down and to the left is better. The line: the Pareto front over all configurations.",
    "fronts-table", "Needs prices (--price-book) and a 99th percentile."};
constexpr HtmlFigure kPairs{"pairs",
                            "Which differences are real",
                            "Ratio of two SKUs with its interval, where there is one. Filled: real "
                            "after Holm's correction. "
                            "A ratio at 1 is no difference.",
                            "pairs-table",
                            "Needs two SKUs.",
                            true};

std::string Thousandth(double value) {
  return Quantity(value / 1e3);
}

HtmlField CodeField(const std::string& text) {
  return {text.empty() ? "–" : fmt::format("<code>{}</code>", Html(text)), {}};
}

std::optional<double> MedianOf(const std::optional<SkuFigure>& figure) {
  if (!figure) return std::nullopt;
  return figure->median;
}

/// "180–190": the interval, or least to greatest; sorted by its width.
HtmlField AroundField(const std::optional<SkuFigure>& figure, Show show) {
  if (!figure || figure->values.size() < 2) return TextField("");
  const double low = figure->low.value_or(figure->least);
  const double high = figure->low ? *figure->high : figure->greatest;
  return {Html(fmt::format("{}–{}{}", show(low), show(high), figure->low ? "" : " (range)")),
          high - low};
}

std::string Currency(const SkuComparison& comparison) {
  for (const SkuRow& row : comparison.rows)
    if (row.cost) return row.cost->currency;
  return "";
}

std::string SkusTable(const SkuComparison& comparison) {
  const std::string currency = Currency(comparison);
  HtmlTable table("skus-table", "SKUs, in the order asked for",
                  {{"SKU", false, ""},
                   {"Instances", true, ""},
                   {"CPUs", false, "usable of nominal"},
                   {"Throughput", true, "items/s"},
                   {"Interval", true, "items/s"},
                   {"Median latency", true, "ms"},
                   {"99th percentile", true, "ms"},
                   {"Interval", true, "ms"},
                   {"Speedup", true, "over one process"},
                   {"Cost, steady", true, currency + " a million"},
                   {"Cost, as billed", true, currency + " a million"},
                   {"Interval", true, currency + " a million"},
                   {"Processor", false, ""},
                   {"Configuration", false, ""},
                   {"Not judged because", false, ""}});
  for (const SkuRow& row : comparison.rows) {
    const SkuBest none;
    const SkuBest& best = row.best ? *row.best : none;
    const auto throughput = row.best ? std::optional(best.throughput) : std::nullopt;
    const auto steady = row.cost ? row.cost->steady : std::nullopt;
    const auto billed = row.cost ? row.cost->as_billed : std::nullopt;
    const auto count = static_cast<double>(row.instances.size());
    table.Add({TextField(row.sku),
               {std::to_string(row.instances.size()), count},
               TextField(SkuCpusText(row)),
               FigureField(MedianOf(throughput), Quantity),
               AroundField(throughput, Quantity),
               FigureField(MedianOf(best.p50_us), Thousandth),
               FigureField(MedianOf(best.p99_us), Thousandth),
               AroundField(best.p99_us, Thousandth),
               FigureField(MedianOf(best.speedup), Ratio),
               FigureField(MedianOf(steady), Quantity),
               FigureField(MedianOf(billed), Quantity),
               AroundField(billed, Quantity),
               TextField(SkuProcessorText(row)),
               CodeField(row.best ? best.choice.id : ""),
               TextField(row.best ? "" : row.why_none)},
              !comparison.by_throughput.empty() &&
                  &row == &comparison.rows[comparison.by_throughput.front()]);
  }
  return table.Text();
}

HtmlField PairVerdictField(PairVerdict verdict) {
  const bool real = verdict == PairVerdict::kReal;
  return {fmt::format("<span class={}><span class=sign aria-hidden=true>{}</span> {}</span>",
                      real ? "good" : "doubt", real ? "✓" : "?", ToString(verdict)),
          static_cast<double>(verdict)};
}

std::string ThousandthsRatio(double ratio) {
  return fmt::format("{:.3f}", ratio);
}

std::string PValue(double p) {
  return fmt::format("{:.2g}", p);
}

std::string PairsTable(const SkuComparison& comparison) {
  HtmlTable table("pairs-table", "Differences between SKUs",
                  {{"SKU", false, ""},
                   {"over", false, ""},
                   {"in", false, ""},
                   {"Ratio", true, "×"},
                   {"Low", true, "interval of this pair alone"},
                   {"High", true, ""},
                   {"Confidence", true, "%"},
                   {"p", true, "after Holm"},
                   {"Verdict", false, ""}});
  for (const SkuMetricPairs& metric : comparison.metrics) {
    for (const SkuPair& pair : metric.pairs) {
      const auto percent = pair.low ? std::optional(100 * pair.confidence) : std::nullopt;
      table.Add({TextField(comparison.rows[pair.second].sku),
                 TextField(comparison.rows[pair.first].sku),
                 TextField(SkuMetricTitle(metric.metric)),
                 FigureField(pair.ratio, ThousandthsRatio), FigureField(pair.low, ThousandthsRatio),
                 FigureField(pair.high, ThousandthsRatio), FigureField(percent, Quantity),
                 FigureField(pair.p_adjusted, PValue), PairVerdictField(pair.verdict)});
    }
  }
  return table.Empty() ? "" : table.Text();
}

void AddFront(HtmlTable& table, const SkuComparison& comparison,
              const std::vector<SkuFrontPoint>& front, bool latency) {
  for (const SkuFrontPoint& point : front) {
    table.Add({TextField(comparison.rows[point.row].sku),
               CodeField(point.cell),
               TextField(latency ? "cost and latency" : "cost and throughput"),
               {Html(Quantity(point.cost)), point.cost},
               latency ? TextField("") : HtmlField{Html(Quantity(point.value)), point.value},
               latency ? HtmlField{Html(Thousandth(point.value)), point.value} : TextField("")});
  }
}

std::string FrontsTable(const SkuComparison& comparison) {
  HtmlTable table("fronts-table", "Pareto fronts with cost, over all configurations",
                  {{"SKU", false, ""},
                   {"Configuration", false, ""},
                   {"Front of", false, ""},
                   {"Cost, as billed", true, Currency(comparison) + " a million"},
                   {"Throughput", true, "items/s"},
                   {"99th percentile", true, "ms"}});
  AddFront(table, comparison, comparison.throughput_front, false);
  AddFront(table, comparison, comparison.latency_front, true);
  return table.Empty() ? "" : table.Text();
}

std::string AnswerPart(const SkuComparison& comparison) {
  const std::vector<std::string> lines = ComparisonAnswer(comparison);
  std::string text = fmt::format("<p class=\"lead sentence\">{}</p>", Html(lines.front()));
  for (size_t i = 1; i < lines.size(); ++i)
    text += fmt::format("<p>{}</p>", Html(lines[i]));
  return text;
}

std::string WarningsPart(const SkuComparison& comparison) {
  HtmlWarningList warnings;
  for (const std::string& note : ComparisonNotes(comparison))
    warnings.Add("To know", note);
  return warnings.Text();
}

std::string ChartsPart(const SkuComparison& comparison) {
  const bool pairs =
      std::any_of(comparison.metrics.begin(), comparison.metrics.end(),
                  [](const SkuMetricPairs& metric) { return !metric.pairs.empty(); });
  return std::string(HtmlNoScript()) + "<div class=charts>" +
         HtmlFigureText(kSkus, !comparison.by_throughput.empty()) +
         HtmlFigureText(kLatency, !comparison.by_latency.empty()) +
         HtmlFigureText(kCost, !comparison.by_cost.empty()) +
         HtmlFigureText(kCostLatency,
                        !comparison.by_cost.empty() && !comparison.by_latency.empty()) +
         HtmlFigureText(kPairs, pairs) + "</div>";
}

std::string HowPart(const SkuComparison& comparison) {
  std::string files;
  for (const std::string& file : comparison.files)
    files += fmt::format("<li><code>{}</code></li>", Html(file));
  std::string sizes;
  for (const SkuRow& row : comparison.rows) {
    if (!row.cost || !row.cost->size) continue;
    sizes +=
        HtmlFact(row.sku, fmt::format("{:g} vCPU × {:g} of {}, by {}", row.cost->size->vcpus,
                                      row.cost->size->memory, row.cost->book, row.cost->size_from));
  }
  return fmt::format("<p>{}</p><dl class=facts>{}</dl><h3>Reports</h3><ul class=reasons>{}</ul>",
                     Html(ComparisonLegend(comparison)), sizes, files);
}

Ordered ChartFigure(const std::optional<SkuFigure>& figure) {
  if (!figure) return nullptr;
  Ordered values = Ordered::array();
  for (const double value : figure->values)
    values.push_back(ChartNumber(value));
  return {{"median", ChartNumber(figure->median)},
          {"low", ChartNumber(figure->low.value_or(figure->least))},
          {"high", ChartNumber(figure->low ? *figure->high : figure->greatest)},
          {"interval", figure->low.has_value()},
          {"values", std::move(values)}};
}

Ordered FrontJson(const SkuComparison& comparison, const std::vector<SkuFrontPoint>& front) {
  Ordered points = Ordered::array();
  for (const SkuFrontPoint& point : front) {
    points.push_back({{"sku", comparison.rows[point.row].sku},
                      {"cell", point.cell},
                      {"x", ChartNumber(point.cost)},
                      {"y", ChartNumber(point.value)}});
  }
  return points;
}

}  // namespace

std::vector<size_t> LatencyFrontOf(const SkuComparison& comparison) {
  std::vector<ParetoPoint> figures;
  for (const size_t row : comparison.by_latency) {
    const SkuBest& best = *comparison.rows[row].best;
    figures.push_back({best.p99_us->median, best.throughput.median});
  }
  std::vector<size_t> front;
  for (const size_t i : ParetoFront(figures))
    front.push_back(comparison.by_latency[i]);
  return front;
}

std::string ComparisonChartData(const SkuComparison& comparison) {
  Ordered skus = Ordered::array();
  for (const SkuRow& row : comparison.rows) {
    skus.push_back(
        {{"name", row.sku},
         {"cell", row.best ? row.best->choice.id : ""},
         {"throughput", ChartFigure(row.best ? std::optional(row.best->throughput) : std::nullopt)},
         {"latency", ChartFigure(row.best ? row.best->p99_us : std::nullopt)},
         {"cost", ChartFigure(row.cost ? row.cost->as_billed : std::nullopt)}});
  }
  Ordered pairs = Ordered::array();
  for (const SkuMetricPairs& metric : comparison.metrics) {
    for (const SkuPair& pair : metric.pairs) {
      pairs.push_back(
          {{"what", fmt::format("{}: {} / {}", SkuMetricTitle(metric.metric),
                                comparison.rows[pair.second].sku, comparison.rows[pair.first].sku)},
           {"ratio", ChartNumber(pair.ratio)},
           {"low", ChartNumber(pair.low)},
           {"high", ChartNumber(pair.high)},
           {"real", pair.verdict == PairVerdict::kReal},
           {"verdict", ToString(pair.verdict)}});
    }
  }
  return ScriptJson({{"skus", std::move(skus)},
                     {"currency", Currency(comparison)},
                     {"latencyFront", LatencyFrontOf(comparison)},
                     {"costFront", FrontJson(comparison, comparison.throughput_front)},
                     {"costLatencyFront", FrontJson(comparison, comparison.latency_front)},
                     {"pairs", std::move(pairs)}});
}

std::string RenderComparisonHtml(const SkuComparison& comparison) {
  std::string text = HtmlHead("coresweep compare", HtmlPageKind::kComparison);
  text += HtmlBanner("coresweep compare", "Container sizes beside each other",
                     {Plural(std::ssize(comparison.rows), "SKU", "SKUs"),
                      Plural(std::ssize(comparison.files), "report", "reports")},
                     {{"answer", "Answer"},
                      {"warnings", "Warnings"},
                      {"charts", "Charts"},
                      {"tables", "Tables"},
                      {"how", "How compared"}});
  text += HtmlSection("answer", "Answer", AnswerPart(comparison));
  text += HtmlSection("warnings", "Warnings", WarningsPart(comparison));
  text += HtmlSection("charts", "Charts", ChartsPart(comparison));
  text += HtmlScripts(HtmlPageKind::kComparison, ComparisonChartData(comparison));
  text += HtmlSection("tables", "Tables",
                      SkusTable(comparison) + PairsTable(comparison) + FrontsTable(comparison));
  text += HtmlSection("how", "How this was compared", HowPart(comparison));
  text += HtmlEnd(
      "The unit is the container instance: repetitions in one share processor and "
      "neighbours, and say nothing of the next one.",
      "");
  return text;
}

}  // namespace coresweep
