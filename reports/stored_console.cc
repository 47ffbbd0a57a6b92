#include "reports/stored_console.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "reports/html_tables.h"
#include "reports/json_members.h"
#include "reports/scaling_report.h"
#include "reports/stored_warnings.h"
#include "reports/text.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;

constexpr size_t kMostStoredRows = 40;
constexpr size_t kMostStoredReasons = 12;
constexpr size_t kLeastStoredWidth = 40;

/// Paragraphs of a width.
class StoredLines {
 public:
  explicit StoredLines(size_t width) : width_(std::max(width, kLeastStoredWidth)) {}
  void Add(const std::string& text, size_t hanging = 0) {
    text_ += Wrap(Printable(text), width_, hanging);
  }
  void Gap() { text_ += "\n"; }
  void Table(std::vector<Column> columns) {
    for (const std::string& line : TableLines(std::move(columns), width_))
      text_ += line;
  }
  [[nodiscard]] const std::string& Text() const { return text_; }

 private:
  size_t width_;
  std::string text_;
};

std::string Figure(const std::optional<PageValue>& value, std::string (*show)(double)) {
  return value ? show(value->median) : "–";
}

std::string Figure(const std::optional<double>& value, std::string (*show)(double)) {
  return value ? show(*value) : "–";
}

std::string VerdictWords(const PageCell& cell) {
  return (cell.verdict == "timed_out" ? "timed out" : cell.verdict) +
         (cell.control ? " (control)" : "");
}

/// The recommended cell, then the fastest.
std::vector<size_t> RowsOf(const StoredPage& page) {
  std::vector<size_t> rows = FastestFirst(page);
  std::erase_if(rows, [&](size_t at) { return !page.cells[at].throughput_per_s; });
  if (page.recommended) {
    std::stable_partition(rows.begin(), rows.end(),
                          [&](size_t at) { return at == *page.recommended; });
  }
  return rows;
}

void AddTable(const StoredPage& page, StoredLines& lines) {
  std::vector<size_t> rows = RowsOf(page);
  if (rows.empty()) return;
  const size_t all = rows.size();
  rows.resize(std::min(all, kMostStoredRows));
  std::vector<Column> columns{
      {"cell", false, 0, {}},   {"items/s", true, 0, {}}, {"low–high", true, 3, {}},
      {"speedup", true, 5, {}}, {"eff.", true, 4, {}},    {"disp.", true, 1, {}},
      {"p50", true, 6, {}},     {"p99", true, 2, {}},     {"verdict", false, 0, {}}};
  for (const size_t at : rows) {
    const PageCell& cell = page.cells[at];
    const PageValue& rate = *cell.throughput_per_s;
    const std::vector<std::string> values{
        Printable(cell.id),
        Quantity(rate.median),
        fmt::format("{}–{}", Quantity(rate.low), Quantity(rate.high)),
        Figure(cell.speedup, Ratio),
        Figure(cell.parallel_efficiency, Percent),
        Figure(cell.dispatch_efficiency, Percent),
        Figure(cell.p50_us, Duration),
        Figure(cell.p99_us, Duration),
        Printable(VerdictWords(cell))};
    for (size_t i = 0; i < columns.size(); ++i)
      columns[i].values.push_back(values[i]);
  }
  lines.Gap();
  lines.Table(std::move(columns));
  if (all > rows.size()) lines.Add(fmt::format("… {} more cells in the report", all - rows.size()));
}

void AddStoredScaling(const Json& report, StoredLines& lines) {
  constexpr size_t kMostLaws = 6;
  const auto laws = StoredScalingLines(MemberOf(report, "scaling"), kMostLaws);
  if (laws.empty()) return;
  lines.Gap();
  lines.Add("Scaling over workers:");
  for (const std::string& law : laws)
    lines.Add("- " + law, 2);
}

void AddCauses(const Json* cell, const char* which, StoredLines& lines) {
  if (cell == nullptr || MemberOf(*cell, "causes").empty()) return;
  const auto efficiency = MemberNumber(MemberOf(*cell, "parallel_efficiency"), "median");
  lines.Gap();
  lines.Add(fmt::format("Why the {} cell, {}, has a parallel efficiency of {}:", which,
                        MemberText(*cell, "id"), efficiency ? Percent(*efficiency) : "?"));
  for (const Json& cause : MemberOf(*cell, "causes")) {
    lines.Add(fmt::format("- {}: {}; {}", MemberText(cause, "name"), MemberText(cause, "evidence"),
                          MemberText(cause, "remedy")),
              2);
  }
}

/// Ids with the same reason in one paragraph.
void AddReasons(const char* heading, const std::vector<std::pair<std::string, std::string>>& found,
                StoredLines& lines) {
  if (found.empty()) return;
  std::vector<std::string> reasons;  // in their order
  std::map<std::string, std::vector<std::string>> ids;
  for (const auto& [reason, id] : found) {
    if (ids[reason].empty()) reasons.push_back(reason);
    ids[reason].push_back(id);
  }
  lines.Gap();
  lines.Add(heading);
  for (size_t i = 0; i < std::min(reasons.size(), kMostStoredReasons); ++i) {
    const std::vector<std::string>& of = ids[reasons[i]];
    const std::string more =
        of.size() > 1 ? fmt::format(" and {} more", of.size() - 1) : std::string();
    lines.Add(fmt::format("- {}{}: {}", of.front(), more, reasons[i]), 2);
  }
  if (reasons.size() > kMostStoredReasons)
    lines.Add(fmt::format("… {} more reasons in the report", reasons.size() - kMostStoredReasons));
}

}  // namespace

std::string RenderStoredConsole(const Json& report, const StoredPage& page, size_t width) {
  StoredLines lines(width);
  lines.Add(AnswerOf(page));
  const std::string search = MemberText(MemberOf(report, "search"), "sentence");
  if (!search.empty()) lines.Add(search);
  const std::vector<StoredWarning> warnings = StoredWarnings(report, page);
  if (!warnings.empty()) lines.Gap();
  for (const StoredWarning& warning : warnings)
    lines.Add(fmt::format("Warning: {}: {}", warning.where, warning.text), 2);
  AddTable(page, lines);
  AddStoredScaling(report, lines);
  const Json* choice =
      page.recommended ? &MemberOf(report, "cells").at(*page.recommended) : nullptr;
  const Json* worst = WorstScalingCell(report, page);
  AddCauses(choice, "recommended", lines);
  if (worst != choice) AddCauses(worst, "worst scaling", lines);
  std::vector<std::pair<std::string, std::string>> failed;
  std::vector<std::pair<std::string, std::string>> skipped;
  for (const PageCell& cell : page.cells)
    if (cell.Failed()) failed.emplace_back(VerdictWords(cell) + ": " + cell.reason, cell.id);
  for (const PageSkip& skip : page.skipped)
    skipped.emplace_back(skip.reason, skip.id);
  AddReasons("Failed:", failed, lines);
  AddReasons("Skipped:", skipped, lines);
  return lines.Text();
}

}  // namespace coresweep
