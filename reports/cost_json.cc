#include "reports/cost_json.h"

namespace coresweep {
namespace {

OrderedJson EstimateJson(const std::optional<Estimate>& estimate) {
  if (!estimate) return nullptr;
  return {
      {"value", estimate->value}, {"low", OrNull(estimate->low)}, {"high", OrNull(estimate->high)}};
}

std::string WhyNull(const SizeCost& cost) {
  if (cost.as_billed) return "";
  return cost.holds ? "no public price" : "does not hold the cell";
}

OrderedJson RowJson(const CostReport& report, const CostRow& row) {
  const PriceBook& book = report.books[row.book];
  const SizeCost& cost = row.cost;
  return {{"prices", book.name},
          {"as_of", book.as_of},
          {"size", TextOrNull(cost.size.name)},
          {"vcpus", cost.size.vcpus},
          {"memory", cost.size.memory},
          {"memory_unit", book.memory_unit},
          {"holds", cost.holds},
          {"other_architecture", IsOtherArchitecture(report.run, book)},
          {"cost_per_hour", OrNull(cost.per_hour)},
          {"cost_per_million_steady", EstimateJson(cost.steady)},
          {"cost_per_million_as_billed", EstimateJson(cost.as_billed)},
          {"billed_s", OrNull(cost.billed_s)},
          {"why_null", TextOrNull(WhyNull(cost))}};
}

OrderedJson CellJson(const CostReport& report) {
  const CostedCell& cell = report.run.cells[report.question.cell];
  const auto& given = report.question.memory_bytes;
  const double workers_bytes = given.value_or(cell.memory_bytes.value_or(0));
  return {{"id", cell.id},
          {"verdict", cell.verdict},
          {"recommended", report.run.recommended == report.question.cell},
          {"inferences_per_s", EstimateJson(cell.throughput)},
          {"interval", TextOrNull(cell.interval)},
          {"vcpus", cell.vcpus},
          {"workers_memory_bytes", workers_bytes},
          {"memory_bytes", MemoryToAskFor(workers_bytes)}};
}

OrderedJson NextJson(const CostReport& report) {
  if (!report.answer.next) return nullptr;
  OrderedJson json = {{"cell", report.run.cells[report.answer.next->cell].id}};
  json.update(RowJson(report, report.answer.next->row));
  return json;
}

OrderedJson SourcesJson(const std::vector<PriceBook>& books) {
  OrderedJson sources = OrderedJson::array();
  for (const PriceBook& book : books) {
    sources.push_back({{"prices", book.name},
                       {"title", book.title},
                       {"as_of", book.as_of},
                       {"source", book.source},
                       {"notes", book.notes}});
  }
  return sources;
}

OrderedJson Version() {
  return {{"major", 1}, {"minor", 0}};
}

}  // namespace

OrderedJson ToJson(const CostReport& report) {
  const CostAnswer& answer = report.answer;
  OrderedJson sizes = OrderedJson::array();
  for (const CostRow& row : answer.rows)
    sizes.push_back(RowJson(report, row));
  OrderedJson without = OrderedJson::array();
  for (const NoSize& none : answer.without)
    without.push_back({{"prices", report.books[none.book].name}, {"reason", none.why}});
  return {{"schema", "coresweep.cost"},
          {"schema_version", Version()},
          {"estimate", true},
          {"report", report.file},
          {"currency", report.books.front().currency},
          {"cell", CellJson(report)},
          {"life",
           {{"pull_s", answer.life.pull_s},
            {"start_s", answer.life.start_s},
            {"run_s", answer.life.run_s}}},
          {"sizes", std::move(sizes)},
          {"without_size", std::move(without)},
          {"try_next", NextJson(report)},
          {"sources", SourcesJson(report.books)}};
}

OrderedJson ToJson(const std::vector<NamedBook>& books) {
  OrderedJson list = OrderedJson::array();
  for (const NamedBook& named : books) {
    const PriceBook& book = named.book;
    list.push_back(
        {{"name", book.name},
         {"title", book.title},
         {"currency", book.currency},
         {"memory_unit", book.memory_unit},
         {"price_per_vcpu_s", book.price ? OrderedJson(book.price->per_vcpu_s) : nullptr},
         {"price_per_memory_s", book.price ? OrderedJson(book.price->per_memory_s) : nullptr},
         {"why_no_price", TextOrNull(book.why_no_price)},
         {"as_of", book.as_of},
         {"source", book.source},
         {"origin", named.origin}});
  }
  return {{"schema", "coresweep.price_list"}, {"schema_version", Version()}, {"prices", list}};
}

}  // namespace coresweep
