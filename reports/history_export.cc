#include "reports/history_export.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "reports/text.h"

namespace coresweep {
namespace {

/// One column: a metric of a cell.
struct OtavaColumn {
  std::string cell;
  const char* metric;
  const char* title;
};

constexpr std::array<std::pair<const char*, const char*>, 2> kOtavaMetrics{
    {{"throughput", "throughput_items_per_s"}, {"latency_p50", "latency_p50_us"}}};

/// Builds may differ: whether they do is what is looked for.
bool IsLike(const HistoryEntry& entry, const HistoryEntry& like) {
  constexpr std::array kParts{"machine", "workload", "measuring"};
  return std::all_of(kParts.begin(), kParts.end(), [&](const char* part) {
    return entry.identity.at(part) == like.identity.at(part);
  });
}

/// The value, unless the cell's answers were wrong or it failed.
std::optional<double> ValueIn(const HistoryEntry& entry, const std::string& cell,
                              const char* metric) {
  static constexpr std::array<std::string_view, 4> kFailed{"incorrect", "disordered", "failed",
                                                           "timed_out"};
  const auto found = std::find_if(entry.cells.begin(), entry.cells.end(),
                                  [&cell](const HistoryCell& stored) { return stored.id == cell; });
  if (found == entry.cells.end()) return std::nullopt;
  if (std::find(kFailed.begin(), kFailed.end(), found->verdict) != kFailed.end())
    return std::nullopt;
  const auto value = found->metrics.find(metric);
  return value == found->metrics.end() ? std::nullopt : value->second;
}

std::vector<OtavaColumn> ColumnsOf(const HistoryEntry& like, const std::string& part,
                                   HistoryTable& table) {
  std::vector<OtavaColumn> columns;
  for (const HistoryCell& cell : like.cells) {
    if (cell.id.find(part) == std::string::npos) continue;
    const size_t before = columns.size();
    for (const auto& [metric, title] : kOtavaMetrics)
      if (ValueIn(like, cell.id, metric)) columns.push_back({cell.id, metric, title});
    if (columns.size() == before) table.empty.push_back(cell.id);
  }
  return columns;
}

std::string QuotedField(std::string_view from) {
  std::string field = "\"";
  for (const char c : Printable(from)) {
    if (c == '"') field += '"';
    field += c;
  }
  return field + '"';
}

/// nullopt where a value is missing.
std::optional<std::string> RowOf(const HistoryEntry& entry,
                                 const std::vector<OtavaColumn>& columns) {
  std::string row =
      fmt::format("{},{}", QuotedField(entry.created), QuotedField("coresweep " + entry.version));
  for (const OtavaColumn& column : columns) {
    const auto value = ValueIn(entry, column.cell, column.metric);
    if (!value) return std::nullopt;
    row += fmt::format(",{}", *value);
  }
  return row;
}

}  // namespace

HistoryTable RenderOtavaHistory(const std::vector<HistoryEntry>& entries, const HistoryEntry& like,
                                const std::string& cell) {
  HistoryTable table;
  const std::vector<OtavaColumn> columns = ColumnsOf(like, cell, table);
  table.csv = "time,program";
  for (const OtavaColumn& column : columns)
    table.csv += "," + QuotedField(fmt::format("{} {}", column.title, column.cell));
  table.csv += "\n";
  for (const HistoryEntry& entry : entries) {
    if (!IsLike(entry, like)) {
      ++table.unlike;
    } else if (const auto row = RowOf(entry, columns); row && !columns.empty()) {
      table.csv += *row + "\n";
      ++table.runs;
    } else {
      ++table.lacking;
    }
  }
  return table;
}

}  // namespace coresweep
