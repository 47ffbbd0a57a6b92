#include "harness/core/sku_price.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/base/error.h"
#include "harness/core/cost.h"

namespace coresweep {
namespace {

void CheckSkuNamed(const std::string& sku, const std::vector<SkuRow>& rows, const char* option) {
  std::string known;
  for (const SkuRow& row : rows) {
    if (row.sku == sku) return;
    known += (known.empty() ? "" : ", ") + row.sku;
  }
  throw UsageError(
      fmt::format("{} {}: no report is of a SKU of this name; there are {}", option, sku, known));
}

std::vector<const PriceBook*> BooksOf(const SkuQuestion& question) {
  std::vector<const PriceBook*> books;
  if (question.prices) books.push_back(&*question.prices);
  for (const auto& [sku, book] : question.own_prices)
    books.push_back(&book);
  return books;
}

void CheckArchitecture(const SkuRow& row, const PriceBook& book,
                       const std::vector<SkuReport>& reports) {
  for (const SkuInstance& instance : row.instances) {
    const SkuReport& report = reports[instance.reports.front()];
    if (report.architecture.empty() || report.architecture == book.architecture) continue;
    throw UsageError(fmt::format(
        "--price-book {}: prices of {}, but {} was measured on {}; give {} a book of its own "
        "(--price-book {}=NAME)",
        book.name, book.architecture, report.file, report.architecture, row.sku, row.sku));
  }
}

struct SizeFound {
  std::optional<ContainerSize> size;
  std::string from, why_null;
};

/// The smallest that has what the instances were limited to.
SizeFound SizeOfLimits(const SkuRow& row, const PriceBook& book) {
  SizeDemand demand;
  for (const SkuInstance& instance : row.instances) {
    const auto cpus = instance.limits.NominalCpus();
    if (!cpus || !instance.limits.memory_bytes) {
      return {std::nullopt, "",
              fmt::format("its reports show no {} limit, so its size is not known: give --size "
                          "{}=VCPUSxMEMORY",
                          cpus ? "memory" : "CPU", row.sku)};
    }
    demand.vcpus = std::max(demand.vcpus, *cpus);
    demand.memory =
        std::max(demand.memory, *instance.limits.memory_bytes / book.BytesPerMemoryUnit());
  }
  const std::vector<ContainerSize> sizes = SizesThatHold(book.grid, demand, 1);
  if (!sizes.empty()) return {sizes.front(), "limits", ""};
  return {std::nullopt, "",
          fmt::format("{} has no size of {:.3g} vCPUs and {:.2f} {}: give --size {}=VCPUSxMEMORY",
                      book.name, demand.vcpus, demand.memory, book.memory_unit, row.sku)};
}

SizeFound SizeFor(const SkuRow& row, const PriceBook& book, const SkuQuestion& question) {
  const auto asked = question.sizes.find(row.sku);
  if (asked != question.sizes.end()) {
    const auto size = SizeNamed(book.grid, asked->second);
    if (size) return {size, "--size", ""};
    throw UsageError(fmt::format(
        "--size {}={}: {} has no such size; give vCPUs x memory in {}, as 4x16, or the name of a "
        "fixed one",
        row.sku, asked->second, book.name, book.memory_unit));
  }
  if (row.labelled) {
    if (const auto size = SizeNamed(book.grid, row.sku)) return {size, "label", ""};
  }
  return SizeOfLimits(row, book);
}

/// One cost an instance.
void AddCosts(const SkuBest& best, const PriceBook& book, const SkuQuestion& question,
              SkuCost& cost) {
  std::vector<double> steady;
  std::vector<double> as_billed;
  for (size_t i = 0; i < best.throughput.values.size(); ++i) {
    const double start_s = best.start_s ? best.start_s->values[i] : 0;
    if (start_s >= question.run_s) {
      cost.why_null = fmt::format(
          "it took {:.3g} s to start, and would do no work in {:.3g} s: give a longer --run-s",
          start_s, question.run_s);
      return;
    }
    const ContainerLife life{question.pull_s, start_s, question.run_s};
    const SizeCost one =
        CostOf(book, *cost.size, {best.throughput.values[i], std::nullopt, std::nullopt}, life);
    steady.push_back(one.steady->value);
    as_billed.push_back(one.as_billed->value);
  }
  cost.steady = FigureOf(std::move(steady));
  cost.as_billed = FigureOf(std::move(as_billed));
}

}  // namespace

const PriceBook* BookFor(const SkuQuestion& question, const std::string& sku) {
  const auto own = question.own_prices.find(sku);
  if (own != question.own_prices.end()) return &own->second;
  return question.prices ? &*question.prices : nullptr;
}

void CheckPrices(const SkuQuestion& question, const std::vector<SkuRow>& rows,
                 const std::vector<SkuReport>& reports) {
  for (const auto& [sku, book] : question.own_prices)
    CheckSkuNamed(sku, rows, "--price-book");
  for (const auto& [sku, size] : question.sizes)
    CheckSkuNamed(sku, rows, "--size");
  const std::vector<const PriceBook*> books = BooksOf(question);
  for (const PriceBook* book : books) {
    if (book->currency == books.front()->currency) continue;
    throw UsageError(fmt::format(
        "--price-book: {} has prices in {} and {} in {}: costs can be compared in one currency",
        books.front()->name, books.front()->currency, book->name, book->currency));
  }
  for (const SkuRow& row : rows)
    if (const PriceBook* book = BookFor(question, row.sku)) CheckArchitecture(row, *book, reports);
}

SkuCost CostOfSku(const SkuRow& row, const PriceBook& book, const SkuQuestion& question) {
  SizeFound found = SizeFor(row, book, question);
  SkuCost cost{book.name,    book.currency, found.size,   found.from,
               std::nullopt, std::nullopt,  std::nullopt, found.why_null};
  if (!cost.size) return cost;
  const auto per_s = PricePerSecond(book, *cost.size);
  if (!per_s) {
    cost.why_null = book.why_no_price.empty() ? "no public price" : book.why_no_price;
    return cost;
  }
  cost.per_hour = *per_s * 3600;
  if (row.best) {
    AddCosts(*row.best, book, question, cost);
  } else {
    cost.why_null = "it has no configuration to be judged by";
  }
  return cost;
}

}  // namespace coresweep
