#include "harness/core/cost_answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "harness/base/error.h"
#include "harness/core/pareto.h"

namespace coresweep {
namespace {

void CheckCurrencies(const std::vector<PriceBook>& books) {
  for (const PriceBook& book : books) {
    if (book.currency == books.front().currency) continue;
    throw UsageError(fmt::format("prices in {} ({}) and in {} ({}): ask for one currency at a time",
                                 books.front().currency, books.front().name, book.currency,
                                 book.name));
  }
}

ContainerLife LifeOf(const CostedCell& cell, const CostQuestion& question) {
  return {question.pull_s, cell.start_s, question.run_s};
}

void CheckCell(const CostedCell& cell, const CostQuestion& question) {
  if (!cell.memory_bytes) {
    throw UsageError(fmt::format(
        "{}: the report does not have its workers' memory; give it with --memory-mib", cell.id));
  }
  if (question.run_s <= cell.start_s) {
    throw UsageError(
        fmt::format("--run-s {}: {} took {:.3g} s to start, and would do no work; give more",
                    question.run_s, cell.id, cell.start_s));
  }
}

std::vector<ContainerSize> SizesFor(const PriceBook& book, const SizeDemand& demand,
                                    const CostQuestion& question) {
  if (!question.size) return SizesThatHold(book.grid, demand, question.sizes_a_book);
  const auto size = SizeNamed(book.grid, *question.size);
  return size ? std::vector{*size} : std::vector<ContainerSize>{};
}

std::vector<CostRow> RowsOf(const PriceBook& book, size_t index, const CostedCell& cell,
                            const CostQuestion& question) {
  std::vector<CostRow> rows;
  const SizeDemand demand = DemandOf(cell, book.BytesPerMemoryUnit());
  for (const ContainerSize& size : SizesFor(book, demand, question)) {
    CostRow row{index, demand, CostOf(book, size, cell.throughput, LifeOf(cell, question))};
    row.cost.holds = size.Holds(demand);
    if (!row.cost.holds) row.cost.steady = row.cost.as_billed = std::nullopt;
    rows.push_back(std::move(row));
  }
  return rows;
}

std::string WhyNoSize(const PriceBook& book, const CostedCell& cell, const CostQuestion& question) {
  if (question.size) return fmt::format("has no size {}", *question.size);
  const SizeDemand demand = DemandOf(cell, book.BytesPerMemoryUnit());
  return fmt::format("has no size that holds {} vCPUs and {:.2f} {}", demand.vcpus, demand.memory,
                     book.memory_unit);
}

void CheckSize(const std::vector<CostRow>& rows, const CostQuestion& question) {
  if (!question.size || !rows.empty()) return;
  throw UsageError(fmt::format(
      "--size {}: no price book asked for has this size; give vCPUs x memory, as 4x16, or the name "
      "of a fixed size",
      *question.size));
}

double RankOf(const CostRow& row) {
  return row.cost.as_billed ? row.cost.as_billed->value : std::numeric_limits<double>::infinity();
}

bool MayBeTried(const CostedRun& run, size_t cell, const CostQuestion& question) {
  if (cell == question.cell) return true;
  const CostedCell& other = run.cells[cell];
  return other.verdict == "ok" && other.memory_bytes && other.start_s < question.run_s;
}

std::optional<NextToTry> Cheapest(const CostedRun& run, const std::vector<PriceBook>& books,
                                  const CostQuestion& question) {
  std::optional<NextToTry> best;
  for (size_t cell = 0; cell < run.cells.size(); ++cell) {
    if (!MayBeTried(run, cell, question)) continue;
    for (size_t i = 0; i < books.size(); ++i) {
      if (IsOtherArchitecture(run, books[i])) continue;
      for (const CostRow& row : RowsOf(books[i], i, run.cells[cell], question)) {
        if (!row.cost.as_billed || !row.cost.holds) continue;
        if (!best || RankOf(row) < RankOf(best->row)) best = {cell, row};
      }
    }
  }
  return best;
}

CellCost CostCell(const CostedCell& cell, const PriceBook& book, const CostQuestion& question) {
  CellCost found;
  if (!cell.memory_bytes) {
    found.why_none = "the report does not have its workers' memory";
    return found;
  }
  if (question.run_s <= cell.start_s) {
    found.why_none = fmt::format("it took {:.3g} s to start", cell.start_s);
    return found;
  }
  const std::vector<CostRow> rows = RowsOf(book, 0, cell, question);
  if (rows.empty()) {
    found.why_none = book.name + " " + WhyNoSize(book, cell, question);
  } else if (!rows.front().cost.as_billed) {
    found.why_none = "its size has no public price";
  } else {
    found.of = rows.front().cost;
  }
  return found;
}

void MarkFront(const CostedRun& run, std::vector<CellCost>& costs) {
  std::vector<CellCost*> rivals;
  std::vector<ParetoPoint> figures;
  for (CellCost& cost : costs) {
    const CostedCell& cell = run.cells[cost.cell];
    if (!cost.of || cell.verdict != "ok") continue;
    rivals.push_back(&cost);
    figures.push_back({cost.of->as_billed->value, cell.throughput.value});
  }
  for (const size_t i : ParetoFront(figures))
    rivals[i]->front = true;
}

}  // namespace

std::vector<CellCost> CostCells(const CostedRun& run, const PriceBook& book,
                                const CostQuestion& question) {
  CostQuestion smallest;
  smallest.pull_s = question.pull_s;
  smallest.run_s = question.run_s;
  std::vector<CellCost> costs;
  for (size_t i = 0; i < run.cells.size(); ++i) {
    costs.push_back(CostCell(run.cells[i], book, smallest));
    costs.back().cell = i;
  }
  MarkFront(run, costs);
  return costs;
}

bool IsOtherArchitecture(const CostedRun& run, const PriceBook& book) {
  return !run.architecture.empty() && book.architecture != run.architecture;
}

CostAnswer AnswerCost(const CostedRun& run, const std::vector<PriceBook>& books,
                      const CostQuestion& question) {
  CheckCurrencies(books);
  CostedRun asked = run;
  CostedCell& cell = asked.cells.at(question.cell);
  if (question.memory_bytes) cell.memory_bytes = question.memory_bytes;
  CheckCell(cell, question);
  CostAnswer answer;
  answer.life = LifeOf(cell, question);
  for (size_t i = 0; i < books.size(); ++i) {
    std::vector<CostRow> rows = RowsOf(books[i], i, cell, question);
    if (rows.empty()) answer.without.push_back({i, WhyNoSize(books[i], cell, question)});
    answer.rows.insert(answer.rows.end(), rows.begin(), rows.end());
  }
  CheckSize(answer.rows, question);
  std::stable_sort(answer.rows.begin(), answer.rows.end(),
                   [](const CostRow& a, const CostRow& b) { return RankOf(a) < RankOf(b); });
  answer.next = Cheapest(asked, books, question);
  return answer;
}

}  // namespace coresweep
