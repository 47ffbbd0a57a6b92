#include "reports/csv_report.h"

#include <fmt/format.h>

#include <string_view>

namespace coresweep {
namespace {

std::string Field(std::string text) {
  if (!text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos)
    text.insert(text.begin(), '\'');
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

std::string Number(const std::optional<double>& value) {
  return value ? fmt::format("{}", *value) : "";
}

/// One row under construction.
class Row {
 public:
  void Text(const std::string& text) { Raw(Field(text)); }
  void Raw(const std::string& field) {
    if (!row_.empty() || any_) row_ += ',';
    any_ = true;
    row_ += field;
  }
  void Values(const std::optional<PageValue>& value) {
    Raw(value ? Number(value->median) : "");
    Raw(value ? Number(value->low) : "");
    Raw(value ? Number(value->high) : "");
    Raw(value ? Number(value->confidence) : "");
  }
  [[nodiscard]] std::string End() const { return row_ + "\r\n"; }

 private:
  std::string row_;
  bool any_ = false;
};

constexpr const char* kValues[] = {"throughput_items_per_s", "speedup", "parallel_efficiency",
                                   "dispatch_efficiency"};

std::string Heading(const PageCell& cell) {
  Row row;
  row.Raw("cell");
  for (const PageAxis& axis : cell.axes)
    row.Raw(axis.name);
  for (const char* name : {"recommended", "verdict", "reason", "repetitions"})
    row.Raw(name);
  for (const char* value : kValues) {
    row.Raw(value);
    for (const char* part : {"low", "high", "confidence"})
      row.Raw(fmt::format("{}_{}", value, part));
  }
  for (const char* name : {"p50_us", "p90_us", "p99_us", "answers", "wrong_answers", "took_s"})
    row.Raw(name);
  return row.End();
}

std::string RowOf(const PageCell& cell, bool recommended) {
  Row row;
  row.Text(cell.id);
  for (const PageAxis& axis : cell.axes)
    row.Text(axis.value);
  row.Raw(recommended ? "true" : "false");
  row.Text(cell.verdict);
  row.Text(cell.reason);
  row.Raw(fmt::format("{}", cell.repetitions));
  for (const auto& value :
       {cell.throughput_per_s, cell.speedup, cell.parallel_efficiency, cell.dispatch_efficiency})
    row.Values(value);
  for (const auto& percentile : {cell.p50_us, cell.p90_us, cell.p99_us})
    row.Raw(Number(percentile));
  row.Raw(fmt::format("{}", cell.answers));
  row.Raw(fmt::format("{}", cell.wrong));
  row.Raw(Number(cell.took_s));
  return row.End();
}

}  // namespace

std::string RenderCsv(const StoredPage& page) {
  if (page.cells.empty()) return "cell\r\n";
  std::string csv = Heading(page.cells.front());
  for (size_t i = 0; i < page.cells.size(); ++i)
    csv += RowOf(page.cells[i], page.recommended == i);
  return csv;
}

}  // namespace coresweep
