#include "reports/compare_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "reports/text.h"

namespace coresweep {
namespace {

constexpr const char* kNone = "–";
constexpr size_t kMostPairs = 10;
constexpr size_t kMostFrontPoints = 10;

using Show = std::string (*)(double);

/// "180–190": the interval, or the range where there are too few instances for one.
std::string Around(const SkuFigure& figure, Show show) {
  return figure.low ? show(*figure.low) + "–" + show(*figure.high)
                    : show(figure.least) + "–" + show(figure.greatest);
}

/// "96.8 %", rounded down: a confidence is never said to be more than it is.
std::string ConfidenceText(double confidence) {
  return fmt::format("{:.1f} %", std::floor(confidence * 1000) / 10);
}

/// "(93.7 % interval 180–190 over 5 instances)".
std::string AroundInWords(const SkuFigure& figure, Show show) {
  const std::string instances = Plural(std::ssize(figure.values), "instance", "instances");
  if (figure.values.size() == 1) return fmt::format("({}, descriptive only)", instances);
  if (figure.low) {
    return fmt::format("({} interval {} over {})", ConfidenceText(figure.confidence),
                       Around(figure, show), instances);
  }
  return fmt::format("(range {} over {}{})", Around(figure, show), instances,
                     figure.DescriptiveOnly() ? ", descriptive only" : "");
}

std::string NameOf(const SkuRow& row) {
  return Printable(row.sku);
}

std::string ThroughputLine(const SkuComparison& comparison) {
  if (comparison.by_throughput.empty()) return "No SKU has a configuration to be judged by.";
  const SkuRow& row = comparison.rows[comparison.by_throughput.front()];
  const SkuBest& best = *row.best;
  return fmt::format("Highest throughput: {} with {}: {} items/s {}.", NameOf(row),
                     Printable(best.choice.id), Quantity(best.throughput.median),
                     AroundInWords(best.throughput, Quantity));
}

std::string LatencyLine(const SkuComparison& comparison) {
  if (comparison.by_latency.empty()) return "Least p99: no SKU's configuration has samples enough.";
  const SkuRow& row = comparison.rows[comparison.by_latency.front()];
  const SkuFigure& p99 = *row.best->p99_us;
  return fmt::format("Least p99: {} with {}: {} {}.", NameOf(row), Printable(row.best->choice.id),
                     Duration(p99.median), AroundInWords(p99, Duration));
}

std::string CostLine(const SkuComparison& comparison) {
  if (!comparison.question.HasPrices())
    return "Least cost: not asked for; give prices with --price-book.";
  if (comparison.by_cost.empty()) return "Least cost: no SKU has one; see below why.";
  const SkuRow& row = comparison.rows[comparison.by_cost.front()];
  const SkuCost& cost = *row.cost;
  return fmt::format(
      "Least cost: {} with {}: {} {} per million inferences as billed {}, {} steady.", NameOf(row),
      Printable(row.best->choice.id), Quantity(cost.as_billed->median), cost.currency,
      AroundInWords(*cost.as_billed, Quantity), Quantity(cost.steady->median));
}

std::string BoundLine(const SkuComparison& comparison) {
  if (!comparison.question.max_p99_us) return "";
  return fmt::format("Only configurations whose p99 is within {} in every instance are considered.",
                     Duration(*comparison.question.max_p99_us));
}

std::string PairText(const SkuComparison& comparison, const SkuPair& pair) {
  std::string text = fmt::format("{} is {} × {}", NameOf(comparison.rows[pair.second]),
                                 Ratio(pair.ratio), NameOf(comparison.rows[pair.first]));
  if (pair.low) {
    text += fmt::format(" ({} interval {}–{})", ConfidenceText(pair.confidence), Ratio(*pair.low),
                        Ratio(*pair.high));
  }
  if (pair.p_adjusted) text += fmt::format(", p = {:.2g}", *pair.p_adjusted);
  return text;
}

/// The pairs of one verdict, in one line each metric; "" without one.
std::string PairsLine(const SkuComparison& comparison, const SkuMetricPairs& metric,
                      PairVerdict verdict, const std::string& heading) {
  std::vector<std::string> texts;
  size_t count = 0;
  for (const SkuPair& pair : metric.pairs) {
    if (pair.verdict != verdict) continue;
    if (++count <= kMostPairs) texts.push_back(PairText(comparison, pair));
  }
  if (texts.empty()) return "";
  std::string text =
      fmt::format("{}, {}: {}", SkuMetricTitle(metric.metric), heading, fmt::join(texts, "; "));
  if (count > kMostPairs) text += fmt::format("; and {} more (see --json)", count - kMostPairs);
  return text + ".";
}

std::vector<std::string> DifferenceLines(const SkuComparison& comparison) {
  std::vector<std::string> lines;
  for (const SkuMetricPairs& metric : comparison.metrics) {
    lines.push_back(PairsLine(comparison, metric, PairVerdict::kReal, "real differences"));
    lines.push_back(
        PairsLine(comparison, metric, PairVerdict::kCannotTell, "cannot be told apart"));
    lines.push_back(PairsLine(
        comparison, metric, PairVerdict::kTooFew,
        "cannot be told, for with so few instances not even the clearest difference could be "
        "proven; run more"));
    lines.push_back(PairsLine(comparison, metric, PairVerdict::kDescriptiveOnly,
                              "descriptive only (below three instances), proves nothing"));
  }
  std::erase(lines, "");
  return lines;
}

std::string ChoiceNote(const SkuRow& row) {
  const SkuChoice& choice = row.best->choice;
  std::string text;
  if (choice.verdict != "ok")
    text += fmt::format("{} is {} in most instances", choice.id, choice.verdict);
  if (choice.instances > 1 && choice.agreeing < choice.instances) {
    text += fmt::format("{}with an instance left out, the others would choose {} in {} of {} cases",
                        text.empty() ? "" : "; ", text.empty() ? choice.id : "it", choice.agreeing,
                        choice.instances);
  }
  if (!choice.as_good.empty()) {
    text += fmt::format("{}{} within 2 % of {}", text.empty() ? "" : "; ",
                        Plural(std::ssize(choice.as_good), "other is", "others are"), choice.id);
  }
  return text.empty() ? "" : row.sku + ": " + text;
}

std::string Figure(const std::optional<SkuFigure>& figure, Show show) {
  return figure ? show(figure->median) : kNone;
}

std::string Range(const std::optional<SkuFigure>& figure, Show show) {
  return figure && figure->values.size() > 1 ? Around(*figure, show) : kNone;
}

std::vector<std::string> Table(const SkuComparison& comparison, size_t width) {
  std::vector<Column> columns{
      {"SKU", false, 0, {}},          {"inst.", true, 0, {}},    {"CPUs", true, 3, {}},
      {"items/s", true, 0, {}},       {"interval", true, 1, {}}, {"p50", true, 7, {}},
      {"p99", true, 0, {}},           {"speedup", true, 6, {}},  {"steady", true, 4, {}},
      {"billed", true, 0, {}},        {"interval", true, 5, {}}, {"processor", false, 8, {}},
      {"configuration", false, 2, {}}};
  for (const SkuRow& row : comparison.rows) {
    const auto throughput = row.best ? std::optional(row.best->throughput) : std::nullopt;
    const auto of_best = [&row](std::optional<SkuFigure> SkuBest::*field) {
      return row.best ? (*row.best).*field : std::nullopt;
    };
    const auto billed = row.cost ? row.cost->as_billed : std::nullopt;
    const std::vector<std::string> values{
        NameOf(row),
        std::to_string(row.instances.size()),
        SkuCpusText(row),
        Figure(throughput, Quantity),
        Range(throughput, Quantity),
        Figure(of_best(&SkuBest::p50_us), Duration),
        Figure(of_best(&SkuBest::p99_us), Duration),
        Figure(of_best(&SkuBest::speedup), Ratio),
        Figure(row.cost ? row.cost->steady : std::nullopt, Quantity),
        Figure(billed, Quantity),
        Range(billed, Quantity),
        SkuProcessorText(row),
        row.best ? Printable(row.best->choice.id) : kNone};
    for (size_t i = 0; i < columns.size(); ++i)
      columns[i].values.push_back(values[i]);
  }
  if (!comparison.question.HasPrices()) columns.erase(columns.begin() + 8, columns.begin() + 11);
  return TableLines(std::move(columns), width);
}

std::string FrontText(const SkuComparison& comparison, const std::vector<SkuFrontPoint>& front,
                      const std::string& heading, bool latency) {
  if (front.empty()) return "";
  std::vector<std::string> points;
  for (const SkuFrontPoint& point : front) {
    if (points.size() == kMostFrontPoints) break;
    const SkuRow& row = comparison.rows[point.row];
    points.push_back(fmt::format(
        "{} {} ({} {}, {})", NameOf(row), Printable(point.cell), Quantity(point.cost),
        row.cost->currency, latency ? Duration(point.value) : Quantity(point.value) + " items/s"));
  }
  std::string text = fmt::format("{}: {}", heading, fmt::join(points, "; "));
  if (front.size() > points.size())
    text += fmt::format("; and {} more (see --json)", front.size() - points.size());
  return text + ".";
}

std::string SizeLine(const SkuRow& row) {
  if (!row.cost || !row.cost->size) return "";
  const SkuCost& cost = *row.cost;
  const std::string from =
      cost.size_from == "limits" ? "smallest that has its limits" : "by " + cost.size_from;
  return fmt::format(
      "{}: {:g} vCPU × {:g} of {} ({}){}", NameOf(row), cost.size->vcpus, cost.size->memory,
      cost.book, from,
      cost.per_hour ? fmt::format(", {} {} an hour", Quantity(*cost.per_hour), cost.currency) : "");
}

}  // namespace

const char* SkuMetricTitle(const std::string& metric) {
  if (metric == "throughput") return "Throughput";
  return metric == "latency_p99" ? "Latency p99" : "Cost per million as billed";
}

std::vector<std::string> ComparisonNotes(const SkuComparison& comparison) {
  std::vector<std::string> notes;
  for (const SkuDifference& difference : comparison.differences) {
    notes.push_back(fmt::format("NOT ALIKE in {} (allowed): {} has {}, {} has {}", difference.what,
                                difference.first_file, difference.first_value,
                                difference.other_file, difference.other_value));
  }
  for (const SkuRow& row : comparison.rows) {
    if (!row.best) {
      notes.push_back(fmt::format("{}: not judged, for {}", row.sku, row.why_none));
    } else {
      notes.push_back(ChoiceNote(row));
    }
    if (row.cost && !row.cost->why_null.empty() && row.best)
      notes.push_back(fmt::format("{}: no cost, for {}", row.sku, row.cost->why_null));
  }
  notes.insert(notes.end(), comparison.notes.begin(), comparison.notes.end());
  std::erase(notes, "");
  return notes;
}

std::string SkuCpusText(const SkuRow& row) {
  const auto text = [](std::optional<double> cpus) {
    return cpus ? fmt::format("{:.3g}", *cpus) : "?";
  };
  std::optional<double> least;
  for (const SkuInstance& instance : row.instances) {
    const auto usable = instance.limits.UsableCpus();
    if (usable) least = std::min(least.value_or(*usable), *usable);
  }
  return fmt::format("{} of {}", text(least), text(row.instances[0].limits.NominalCpus()));
}

std::string SkuProcessorText(const SkuRow& row) {
  std::map<std::string, int> models;
  for (const SkuInstance& instance : row.instances)
    ++models[instance.cpu_model.empty() ? "unknown" : instance.cpu_model];
  if (models.size() == 1) return Printable(models.begin()->first);
  std::vector<std::string> texts;
  texts.reserve(models.size());
  for (const auto& [model, count] : models)
    texts.push_back(fmt::format("{} × {}", count, Printable(model)));
  return fmt::format("{}", fmt::join(texts, ", "));
}

std::string ComparisonLegend(const SkuComparison& comparison) {
  std::string text =
      "CPUs: least really usable of nominal (quota, or CPUs allowed); interval: of the median over "
      "container instances by order statistics from five on, else least–greatest; p50, p99: of a "
      "chunk; speedup: over one process. Differences: exact rank-sum test over instances, p after "
      "Holm's correction in each metric, real at p ≤ 0.05; × and its interval after Hodges and "
      "Lehmann.";
  if (comparison.question.HasPrices()) {
    text += fmt::format(
        " steady, billed: {} per million inferences while it runs, and over the life of a "
        "container of {} s with {} s of image pull where that is billed.",
        comparison.rows[0].cost ? comparison.rows[0].cost->currency : "cost",
        comparison.question.run_s, comparison.question.pull_s);
  }
  return text;
}

std::vector<std::string> ComparisonAnswer(const SkuComparison& comparison) {
  size_t instances = 0;
  for (const SkuRow& row : comparison.rows)
    instances += row.instances.size();
  std::vector<std::string> lines{
      ThroughputLine(comparison), LatencyLine(comparison), CostLine(comparison),
      BoundLine(comparison),
      fmt::format(
          "Compared: {} in {} of {}.", Plural(std::ssize(comparison.rows), "SKU", "SKUs"),
          Plural(std::ssize(comparison.files), "report", "reports"),
          Plural(static_cast<int64_t>(instances), "container instance", "container instances"))};
  std::erase(lines, "");
  return lines;
}

std::string RenderComparison(const SkuComparison& comparison, size_t width) {
  std::string text;
  for (const std::string& line : ComparisonAnswer(comparison))
    text += Wrap(line, width);
  std::string differences;
  for (const std::string& line : DifferenceLines(comparison))
    differences += Wrap("- " + line, width, 2);
  if (!differences.empty()) text += "\n" + differences;
  std::string notes;
  for (const std::string& note : ComparisonNotes(comparison))
    notes += Wrap("- " + Printable(note), width, 2);
  if (!notes.empty()) text += "\nTo know:\n" + notes;
  text += "\n";
  for (const std::string& line : Table(comparison, width))
    text += line;
  text += Wrap(ComparisonLegend(comparison), width);
  for (const SkuRow& row : comparison.rows)
    if (const std::string line = SizeLine(row); !line.empty()) text += Wrap("- " + line, width, 2);
  for (const std::string& line :
       {FrontText(comparison, comparison.throughput_front, "Pareto front of cost and throughput",
                  false),
        FrontText(comparison, comparison.latency_front, "Pareto front of cost and p99", true)})
    if (!line.empty()) text += "\n" + Wrap(line, width);
  return text;
}

}  // namespace coresweep
