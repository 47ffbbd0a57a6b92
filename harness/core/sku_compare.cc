#include "harness/core/sku_compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "harness/base/error.h"
#include "harness/core/cost.h"
#include "harness/core/pareto.h"
#include "harness/core/sku_group.h"
#include "harness/core/sku_price.h"

namespace coresweep {
namespace {

/// A row with what its instances say; the cells are needed for the choice and the fronts.
struct RowCells {
  std::vector<InstanceCells> instances;
  std::vector<SkuCandidate> candidates;
};

RowCells CellsOfRow(const SkuRow& row, const std::vector<SkuReport>& reports) {
  RowCells cells;
  for (const SkuInstance& instance : row.instances) {
    std::vector<const SkuReport*> of_instance;
    for (const size_t i : instance.reports)
      of_instance.push_back(&reports[i]);
    cells.instances.push_back(JoinReports(of_instance));
  }
  cells.candidates = Candidates(cells.instances);
  return cells;
}

/// nullopt where an instance has no value.
template <typename Value>
std::optional<SkuFigure> FigureOver(const std::vector<InstanceCells>& instances,
                                    const std::string& id, Value value) {
  std::vector<double> values;
  for (const InstanceCells& instance : instances) {
    const std::optional<double> one = value(instance.cells[instance.index.at(id)]);
    if (!one) return std::nullopt;
    values.push_back(*one);
  }
  return FigureOf(std::move(values));
}

SkuBest BestOfRow(SkuChoice choice, const std::vector<InstanceCells>& instances) {
  const std::string id = choice.id;
  const auto throughput = FigureOver(instances, id, [](const SkuCell& cell) {
    return std::optional(cell.costed.throughput.value);
  });
  const auto start = FigureOver(
      instances, id, [](const SkuCell& cell) { return std::optional(cell.costed.start_s); });
  return {std::move(choice),
          *throughput,
          FigureOver(instances, id, [](const SkuCell& cell) { return cell.p50_us; }),
          FigureOver(instances, id, [](const SkuCell& cell) { return cell.p99_us; }),
          FigureOver(instances, id, [](const SkuCell& cell) { return cell.speedup; }),
          start};
}

std::string WhyNone(const RowCells& cells, const SkuQuestion& question) {
  if (cells.candidates.empty()) {
    return cells.instances.size() > 1
               ? "no configuration under closed load was measured in all of its instances"
               : "no configuration under closed load was measured";
  }
  const bool any_right =
      std::any_of(cells.candidates.begin(), cells.candidates.end(), [](const SkuCandidate& one) {
        return one.over.verdict != "failed" && one.over.verdict != "timed_out" &&
               one.over.verdict != "incorrect" && one.over.verdict != "disordered";
      });
  if (!any_right) return "every configuration failed or gave wrong answers in some instance";
  return question.max_p99_us
             ? fmt::format("no configuration has its p99 within {:.4g} ms in every instance",
                           *question.max_p99_us / 1e3)
             : "no configuration can be recommended";
}

using MaybeFigure = const SkuFigure* (*)(const SkuRow&);

const SkuFigure* ThroughputOf(const SkuRow& row) {
  return row.best ? &row.best->throughput : nullptr;
}
const SkuFigure* P99Of(const SkuRow& row) {
  return row.best && row.best->p99_us ? &*row.best->p99_us : nullptr;
}
const SkuFigure* BilledOf(const SkuRow& row) {
  return row.cost && row.cost->as_billed ? &*row.cost->as_billed : nullptr;
}

/// Rows that have the figure, the best first. `sign` -1: the greatest is best.
std::vector<size_t> Ranked(const std::vector<SkuRow>& rows, MaybeFigure figure_of, double sign) {
  std::vector<size_t> order;
  for (size_t i = 0; i < rows.size(); ++i)
    if (figure_of(rows[i]) != nullptr) order.push_back(i);
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return sign * figure_of(rows[a])->median < sign * figure_of(rows[b])->median;
  });
  return order;
}

/// Sorts the rows by the rank asked for, those without that figure last, and their cells along.
void Sort(SkuRank rank, std::vector<SkuRow>& rows, std::vector<RowCells>& cells) {
  const bool throughput = rank == SkuRank::kThroughput;
  const MaybeFigure figure_of = throughput                  ? ThroughputOf
                                : rank == SkuRank::kLatency ? P99Of
                                                            : BilledOf;
  std::vector<size_t> order = Ranked(rows, figure_of, throughput ? -1 : 1);
  for (size_t i = 0; i < rows.size(); ++i)
    if (figure_of(rows[i]) == nullptr) order.push_back(i);
  std::vector<SkuRow> sorted_rows;
  std::vector<RowCells> sorted_cells;
  for (const size_t i : order) {
    sorted_rows.push_back(std::move(rows[i]));
    sorted_cells.push_back(std::move(cells[i]));
  }
  rows = std::move(sorted_rows);
  cells = std::move(sorted_cells);
}

SkuMetricPairs PairsIn(const std::string& metric, const std::vector<SkuRow>& rows,
                       MaybeFigure figure_of) {
  std::vector<SkuSample> samples;
  for (size_t i = 0; i < rows.size(); ++i)
    samples.push_back({i, figure_of(rows[i])});
  return {metric, ComparePairs(samples)};
}

/// What each priced SKU is judged by.
std::vector<SkuFrontPoint> BestPoints(const std::vector<SkuRow>& rows) {
  std::vector<SkuFrontPoint> points;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (const SkuFigure* cost = BilledOf(rows[i])) {
      points.push_back({i, rows[i].best->choice.id, cost->median, rows[i].best->throughput.median});
    }
  }
  return points;
}

/// Every candidate of every priced SKU that could be chosen and has a p99.
std::vector<SkuFrontPoint> LatencyPoints(const SkuComparison& comparison,
                                         const std::vector<RowCells>& cells) {
  std::vector<SkuFrontPoint> points;
  for (size_t row = 0; row < comparison.rows.size(); ++row) {
    if (BilledOf(comparison.rows[row]) == nullptr) continue;
    const SkuRow& of = comparison.rows[row];
    const PriceBook& book = *BookFor(comparison.question, of.sku);
    for (const SkuCandidate& candidate : cells[row].candidates) {
      const bool usable = candidate.over.verdict == "ok" || candidate.id == of.best->choice.id;
      const ContainerLife life{comparison.question.pull_s, candidate.over.start_s,
                               comparison.question.run_s};
      if (!usable || !candidate.p99_us || life.run_s <= life.start_s) continue;
      const SizeCost one = CostOf(book, *of.cost->size, candidate.over.throughput, life);
      points.push_back({row, candidate.id, one.as_billed->value, *candidate.p99_us});
    }
  }
  return points;
}

/// Those on the Pareto front, by cost. `sign` 1: the greatest value is best; -1: the least.
std::vector<SkuFrontPoint> FrontOf(const std::vector<SkuFrontPoint>& points, double sign) {
  std::vector<ParetoPoint> figures;
  figures.reserve(points.size());
  for (const SkuFrontPoint& point : points)
    figures.push_back({point.cost, sign * point.value});
  std::vector<SkuFrontPoint> front;
  for (const size_t i : ParetoFront(figures))
    front.push_back(points[i]);
  return front;
}

}  // namespace

SkuComparison CompareSkus(const std::vector<SkuReport>& reports, const SkuQuestion& question) {
  SkuComparison comparison;
  comparison.question = question;
  comparison.differences = CheckComparable(reports, question.allow_different);
  for (const SkuReport& report : reports)
    comparison.files.push_back(report.file);
  std::vector<SkuRow>& rows = comparison.rows;
  rows = GroupBySku(reports);
  CheckPrices(question, rows, reports);
  comparison.notes = NotesOn(reports, rows);
  std::vector<RowCells> cells;
  for (SkuRow& row : rows) {
    cells.push_back(CellsOfRow(row, reports));
    auto choice = ChooseFor(cells.back().instances, cells.back().candidates, question.max_p99_us);
    if (choice) {
      row.best = BestOfRow(std::move(*choice), cells.back().instances);
    } else {
      row.why_none = WhyNone(cells.back(), question);
    }
    if (const PriceBook* book = BookFor(question, row.sku))
      row.cost = CostOfSku(row, *book, question);
  }
  Sort(question.rank, rows, cells);
  comparison.by_throughput = Ranked(rows, ThroughputOf, -1);
  comparison.by_latency = Ranked(rows, P99Of, 1);
  comparison.by_cost = Ranked(rows, BilledOf, 1);
  comparison.metrics = {PairsIn("throughput", rows, ThroughputOf),
                        PairsIn("latency_p99", rows, P99Of)};
  if (question.HasPrices()) {
    comparison.metrics.push_back(PairsIn("cost_as_billed", rows, BilledOf));
    comparison.throughput_front = FrontOf(BestPoints(rows), 1);
    comparison.latency_front = FrontOf(LatencyPoints(comparison, cells), -1);
  }
  return comparison;
}

}  // namespace coresweep
