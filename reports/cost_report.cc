#include "reports/cost_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "reports/text.h"

namespace coresweep {
namespace {

constexpr const char* kNoCost = "–";

std::string Range(const Estimate& estimate) {
  if (!estimate.low) return kNoCost;
  return fmt::format("{}–{}", Quantity(*estimate.low), Quantity(*estimate.high));
}

std::string Figure(const std::optional<Estimate>& estimate) {
  return estimate ? Quantity(estimate->value) : kNoCost;
}

std::string CellLine(const CostReport& report) {
  const CostedCell& cell = report.run.cells[report.question.cell];
  const bool recommended = report.run.recommended == report.question.cell;
  std::string line = fmt::format(
      "{}{}: {} items/s", cell.id,
      recommended ? ", which the report recommends" : fmt::format(" ({})", cell.verdict),
      Quantity(cell.throughput.value));
  if (cell.throughput.low) line += fmt::format(", {} {}", cell.interval, Range(cell.throughput));
  return line + ".";
}

std::string DemandLine(const CostReport& report) {
  const CostedCell& cell = report.run.cells[report.question.cell];
  const double bytes = report.question.memory_bytes.value_or(cell.memory_bytes.value_or(0));
  constexpr double kMiB = 1024.0 * 1024;
  return fmt::format(
      "It takes {} and {} MiB: {} MiB of its workers, a quarter more, and 256 MiB for dispatcher, "
      "chunks in flight and the service.",
      cell.vcpus == 1 ? "1 vCPU" : fmt::format("{} vCPUs", cell.vcpus),
      Quantity(MemoryToAskFor(bytes) / kMiB), Quantity(bytes / kMiB));
}

std::string LifeLine(const CostReport& report) {
  const ContainerLife& life = report.answer.life;
  return fmt::format(
      "As billed: a container that lives {} s, {} s of it start-up, after {} s of image pull, "
      "which "
      "some services bill.",
      Quantity(life.run_s), Quantity(life.start_s), Quantity(life.pull_s));
}

/// "WHAT: a, b." of the books whose row `is` so; "" for none.
template <typename Is>
std::string Marked(const CostReport& report, const char* what, Is is, size_t width) {
  std::vector<std::string> names;
  for (const CostRow& row : report.answer.rows) {
    const std::string& name = report.books[row.book].name;
    if (is(row) && std::find(names.begin(), names.end(), name) == names.end())
      names.push_back(Printable(name));
  }
  if (names.empty()) return "";
  return Wrap(fmt::format("{}: {}.", what, fmt::join(names, ", ")), width);
}

/// What must not be lost with a column of the table.
std::string Marks(const CostReport& report, size_t width) {
  return Marked(
             report, "Does not hold it, and would not run as measured",
             [](const CostRow& row) { return !row.cost.holds; }, width) +
         Marked(
             report, "No public price", [](const CostRow& row) { return !row.cost.per_hour; },
             width) +
         Marked(
             report, "Other processors than the report's, whose throughput is not known",
             [&report](const CostRow& row) {
               return IsOtherArchitecture(report.run, report.books[row.book]);
             },
             width);
}

std::vector<std::string> Table(const CostReport& report, size_t width) {
  const std::string& currency = report.books.front().currency;
  std::vector<Column> columns{
      {"prices", false, 0, {}},          {"size", false, 0, {}},
      {currency + "/hour", true, 4, {}}, {currency + "/million", true, 0, {}},
      {"from–to", true, 1, {}},          {"as billed", true, 0, {}},
      {"from–to", true, 3, {}},          {"as of", false, 2, {}}};
  for (const CostRow& row : report.answer.rows) {
    const PriceBook& book = report.books[row.book];
    const SizeCost& cost = row.cost;
    const std::vector<std::string> values{Printable(book.name),
                                          SizeText(book, cost.size),
                                          cost.per_hour ? Quantity(*cost.per_hour) : kNoCost,
                                          Figure(cost.steady),
                                          cost.steady ? Range(*cost.steady) : kNoCost,
                                          Figure(cost.as_billed),
                                          cost.as_billed ? Range(*cost.as_billed) : kNoCost,
                                          book.as_of};
    for (size_t i = 0; i < columns.size(); ++i)
      columns[i].values.push_back(values[i]);
  }
  return TableLines(std::move(columns), width);
}

std::string NextLine(const CostReport& report) {
  if (!report.answer.next) return "Try next: nothing, for no size with a price holds it.";
  const NextToTry& next = *report.answer.next;
  const PriceBook& book = report.books[next.row.book];
  const CostedCell& cell = report.run.cells[next.cell];
  const std::string size = fmt::format("{} of {}", SizeText(book, next.row.cost.size), book.name);
  const std::string cost = fmt::format("{} {} per million as billed",
                                       Quantity(next.row.cost.as_billed->value), book.currency);
  if (next.cell == report.question.cell)
    return fmt::format("Try next: {}, {}; run the sweep there.", size, cost);
  return fmt::format(
      "Try next: {} with {} ({} items/s), {}: less than with {}; run the sweep there.", size,
      cell.id, Quantity(cell.throughput.value), cost, report.run.cells[report.question.cell].id);
}

/// Of one book alone: those of several would be a page of their own.
std::string Notes(const std::vector<PriceBook>& books, size_t width) {
  if (books.size() > 1) return "";
  std::string text = "\n";
  for (const std::string& note : books.front().notes)
    text += Wrap("- " + Printable(note), width, 2);
  return text + Wrap("Source: " + Printable(books.front().source), width);
}

}  // namespace

std::string SizeText(const PriceBook& book, const ContainerSize& size) {
  const std::string figures =
      fmt::format("{:g} vCPU / {:g} {}", size.vcpus, size.memory, book.memory_unit);
  return size.name.empty() ? figures : fmt::format("{}, {}", size.name, figures);
}

std::string RenderCost(const CostReport& report, size_t width) {
  std::string text = Wrap(
      fmt::format("Estimate from {}: the throughput is that of its machine, no size was tried, and "
                  "prices change (see their day).",
                  Printable(report.file)),
      width);
  text += Wrap(CellLine(report), width) + Wrap(DemandLine(report), width) +
          Wrap(LifeLine(report), width) + "\n";
  if (!report.answer.rows.empty()) {
    for (const std::string& line : Table(report, width))
      text += line;
    text += "\n" + Marks(report, width);
  }
  for (const NoSize& without : report.answer.without)
    text += Wrap(fmt::format("{} {}.", report.books[without.book].name, without.why), width);
  text += Wrap(NextLine(report), width);
  return text + Notes(report.books, width);
}

std::string RenderBooks(const std::vector<NamedBook>& books, size_t width) {
  std::string text;
  for (const NamedBook& named : books) {
    const PriceBook& book = named.book;
    const std::string price =
        book.price ? fmt::format("{} {:.4g} per vCPU-hour, {:.4g} per {}-hour", book.currency,
                                 book.price->per_vcpu_s * 3600, book.price->per_memory_s * 3600,
                                 book.memory_unit)
        : book.HasPrice() ? fmt::format("{}, a price for each size", book.currency)
                          : "no price: " + Printable(book.why_no_price);
    text += Wrap(
        fmt::format("{}: {}; {}; as of {}, {} ({})", Printable(book.name), Printable(book.title),
                    price, book.as_of, Printable(book.source), Printable(named.origin)),
        width, 2);
  }
  return text;
}

}  // namespace coresweep
