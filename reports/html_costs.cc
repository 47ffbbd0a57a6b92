#include "reports/html_costs.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <unordered_map>

#include "reports/cost_report.h"
#include "reports/html_page.h"
#include "reports/html_tables.h"
#include "reports/html_text.h"
#include "reports/text.h"

namespace coresweep {
namespace {

using Ordered = nlohmann::ordered_json;

double BilledOf(const CellCost& cost) {
  return cost.of ? cost.of->as_billed->value : std::numeric_limits<double>::infinity();
}

HtmlField RangeField(const CellCost& cost) {
  if (!cost.of || !cost.of->as_billed->low) return TextField("");
  const Estimate& billed = *cost.of->as_billed;
  return {Html(fmt::format("{}–{}", Quantity(*billed.low), Quantity(*billed.high))),
          *billed.high - *billed.low};
}

}  // namespace

std::string CostFigure(const SweepCosts& costs) {
  const std::string how = fmt::format(
      "Up and to the left is better. Each cell in the smallest size of {} that holds it, over the "
      "life of a container of {:g} s. Cells on the Pareto front are beaten in both by no other "
      "that "
      "is ok; whiskers: what the throughput's interval makes of the cost. Estimates: no size was "
      "tried.",
      Html(costs.book.title), costs.run_s);
  const bool there = std::any_of(costs.cells.begin(), costs.cells.end(),
                                 [](const CellCost& cost) { return cost.of.has_value(); });
  return HtmlFigureText({"cost", "Throughput against cost", how, "costs",
                         "No cell has a cost: the table of costs says why.", true},
                        there);
}

std::string CostsTable(const SweepCosts& costs) {
  const std::string million = costs.book.currency + " a million";
  HtmlTable table("costs",
                  Html(fmt::format("Estimated costs with {} of {}: container of {:g} s, image pull "
                                   "of {:g} s where that is billed{}",
                                   costs.book.name, costs.book.as_of, costs.run_s, costs.pull_s,
                                   costs.cells.size() > kMostTableCells
                                       ? fmt::format("; the {} cheapest cells",
                                                     Quantity(static_cast<double>(kMostTableCells)))
                                       : std::string())),
                  {{"Cell", false, ""},
                   {"Size", false, ""},
                   {"Throughput", true, "items/s"},
                   {"Cost", true, costs.book.currency + " an hour"},
                   {"Cost, steady", true, million},
                   {"Cost, as billed", true, million},
                   {"Range", true, million},
                   {"Pareto front", false, ""},
                   {"No cost because", false, ""}});
  std::vector<const CellCost*> order;
  for (const CellCost& cost : costs.cells)
    order.push_back(&cost);
  std::stable_sort(order.begin(), order.end(), [](const CellCost* a, const CellCost* b) {
    return BilledOf(*a) < BilledOf(*b);
  });
  order.resize(std::min(order.size(), kMostTableCells));
  for (const CellCost* cost : order) {
    const CostedCell& cell = costs.run.cells[cost->cell];
    const auto figure = [&](std::optional<Estimate> SizeCost::*of) -> std::optional<double> {
      if (!cost->of) return std::nullopt;
      return ((*cost->of).*of)->value;
    };
    table.Add({{fmt::format("<code>{}</code>", Html(cell.id)), {}},
               TextField(cost->of ? SizeText(costs.book, cost->of->size) : ""),
               FigureField(cell.throughput.value, Quantity),
               FigureField(cost->of ? cost->of->per_hour : std::nullopt, Quantity),
               FigureField(figure(&SizeCost::steady), Quantity),
               FigureField(figure(&SizeCost::as_billed), Quantity),
               RangeField(*cost),
               TextField(cost->front ? "yes" : ""),
               TextField(cost->why_none)},
              costs.run.recommended == cost->cell);
  }
  return table.Empty() ? "<p>No cell under closed load has a throughput.</p>" : table.Text();
}

Ordered CostsJson(const SweepCosts* costs, const StoredPage& page) {
  if (costs == nullptr) return nullptr;
  std::unordered_map<std::string, size_t> index;
  for (size_t i = 0; i < page.cells.size(); ++i)
    index.emplace(page.cells[i].id, i);
  Ordered json{{"currency", costs->book.currency}};
  for (const char* column : {"at", "size", "front", "cost", "low", "high"})
    json[column] = Ordered::array();
  for (const CellCost& cost : costs->cells) {
    const auto found = index.find(costs->run.cells[cost.cell].id);
    if (!cost.of || found == index.end()) continue;
    json["at"].push_back(found->second);
    json["size"].push_back(SizeText(costs->book, cost.of->size));
    json["front"].push_back(cost.front);
    json["cost"].push_back(ChartNumber(cost.of->as_billed->value));
    json["low"].push_back(ChartNumber(cost.of->as_billed->low));
    json["high"].push_back(ChartNumber(cost.of->as_billed->high));
  }
  return json;
}

}  // namespace coresweep
