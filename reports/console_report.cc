#include "reports/console_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <tuple>

#include "reports/console_answer.h"
#include "reports/scaling_report.h"
#include "reports/sweep_time_report.h"
#include "reports/sweep_warnings.h"
#include "reports/text.h"

namespace coresweep {
namespace {

constexpr size_t kMostRows = 40;
constexpr size_t kMostIdsOfReason = 3;
constexpr size_t kMostReasons = 12;
constexpr size_t kLeastWidth = 40;

constexpr std::string_view kBold = "\x1b[1m";
constexpr std::string_view kRed = "\x1b[31m";
constexpr std::string_view kYellow = "\x1b[33m";
constexpr std::string_view kPlain = "\x1b[0m";

/// Appends sections, each paragraph wrapped to the width.
class Page {
 public:
  explicit Page(const ConsoleOptions& options)
      : width_(std::max(kLeastWidth, options.width)), color_(options.color) {}

  [[nodiscard]] size_t width() const { return width_; }
  void Paragraph(std::string_view text, size_t hanging = 0, std::string_view color = {}) {
    Colored(Wrap(Printable(text), width_, hanging), color);
  }
  /// A line as it is, '\n' included.
  void Colored(std::string_view line, std::string_view color) {
    if (!color_ || color.empty()) {
      text_ += line;
      return;
    }
    text_ += fmt::format("{}{}{}\n", color, line.substr(0, line.size() - 1), kPlain);
  }
  void Gap() { text_ += "\n"; }
  std::string Take() { return std::move(text_); }

 private:
  size_t width_;
  bool color_;
  std::string text_;
};

/// Cells with a throughput: the best, the others by throughput, those with wrong answers last.
std::vector<const CellResult*> TableOrder(const std::vector<CellResult>& cells, int best) {
  std::vector<const CellResult*> rows;
  for (const CellResult& cell : cells)
    if (cell.throughput_per_s) rows.push_back(&cell);
  const CellResult* first = best < 0 ? nullptr : &cells[static_cast<size_t>(best)];
  std::stable_sort(rows.begin(), rows.end(), [first](const CellResult* a, const CellResult* b) {
    const auto rank = [first](const CellResult* cell) {
      return std::tuple(cell != first, GaveWrongAnswers(*cell), -cell->throughput_per_s->median);
    };
    return rank(a) < rank(b);
  });
  return rows;
}

std::string VerdictWords(const SweepResult& sweep, const CellResult& result) {
  std::string words = result.verdict == "timed_out" ? "timed out" : result.verdict;
  if (IsControl(CellOf(sweep, result).mode)) words += " (control)";
  return words;
}

std::vector<Column> TableColumns(const SweepResult& sweep,
                                 const std::vector<const CellResult*>& rows) {
  const auto column = [&rows](std::string heading, bool right_aligned, int importance,
                              auto value_of) {
    Column made{std::move(heading), right_aligned, importance, {}};
    for (const CellResult* row : rows)
      made.values.push_back(value_of(*row));
    return made;
  };
  const auto optional = [](const auto& value, auto format) {
    return value ? format(*value) : std::string("–");
  };
  std::vector<Column> columns{
      column("cell", false, 0,
             [&](const CellResult& row) { return Printable(CellOf(sweep, row).Id()); }),
      column("items/s", true, 0,
             [](const CellResult& row) { return Quantity(row.throughput_per_s->median); }),
      column("low–high", true, 3,
             [](const CellResult& row) {
               return fmt::format("{}–{}", Quantity(row.throughput_per_s->low),
                                  Quantity(row.throughput_per_s->high));
             }),
      column("speedup", true, 5,
             [&](const CellResult& row) {
               return optional(row.speedup, [](const PairedRatio& r) { return Ratio(r.median); });
             }),
      column("eff.", true, 4,
             [&](const CellResult& row) {
               return optional(row.parallel_efficiency,
                               [](const PairedRatio& r) { return Percent(r.median); });
             }),
      column("disp.", true, 1,
             [&](const CellResult& row) {
               return optional(row.dispatch_efficiency,
                               [](const PairedRatio& r) { return Percent(r.median); });
             }),
      column("p50", true, 2,
             [&](const CellResult& row) { return optional(row.latency.p50_us, Duration); }),
      column("verdict", false, 0, [&](const CellResult& row) { return VerdictWords(sweep, row); }),
  };
  if (!sweep.plan.config.open_load) return columns;
  columns.insert(
      columns.end() - 1,
      {column("p99", true, 1,
              [&](const CellResult& row) { return optional(row.latency.p99_us, Duration); }),
       column("asked/s", true, 0,
              [&](const CellResult& row) {
                return row.open_load ? Quantity(row.open_load->rate_asked_per_s) : std::string("–");
              }),
       column("reached/s", true, 0, [&](const CellResult& row) {
         return row.open_load && row.open_load->reached_per_s
                    ? Quantity(row.open_load->reached_per_s->median)
                    : std::string("–");
       })});
  return columns;
}

std::string_view RowColor(const CellResult& cell, bool best) {
  if (best) return kBold;
  if (GaveWrongAnswers(cell)) return kRed;
  return cell.verdict == "ok" ? std::string_view{} : kYellow;
}

void AddTable(const SweepResult& sweep, const std::vector<CellResult>& cells, int best,
              Page& page) {
  auto rows = TableOrder(cells, best);
  if (rows.empty()) return;
  const size_t hidden = rows.size() > kMostRows ? rows.size() - kMostRows : 0;
  rows.resize(rows.size() - hidden);
  const auto lines = TableLines(TableColumns(sweep, rows), page.width());
  page.Gap();
  page.Colored(lines[0], {});
  for (size_t i = 0; i < rows.size(); ++i)
    page.Colored(lines[i + 1], RowColor(*rows[i], best >= 0 && i == 0));
  if (hidden > 0)
    page.Paragraph(fmt::format("… {} in the report",
                               Plural(static_cast<int64_t>(hidden), "more cell", "more cells")));
  page.Paragraph(
      "speedup: over one process with the same threads, placement and chunk; eff.: speedup / "
      "workers; disp.: throughput over that of the same workers without dispatcher; p50: median "
      "latency of a chunk");
  if (sweep.plan.config.open_load) {
    page.Paragraph(
        "asked/s, reached/s: requests (chunks) a second; latency under open load counts from when "
        "a "
        "request was due");
  }
}

/// A reason and the cells that share it.
struct ReasonGroup {
  std::string reason;
  std::vector<std::string> ids;
};

void AddToGroup(const std::string& reason, const std::string& id,
                std::vector<ReasonGroup>& groups) {
  for (ReasonGroup& group : groups) {
    if (group.reason != reason) continue;
    group.ids.push_back(id);
    return;
  }
  groups.push_back({reason, {id}});
}

void AddGroups(std::string_view heading, const std::vector<ReasonGroup>& groups,
               std::string_view color, Page& page) {
  if (groups.empty()) return;
  page.Gap();
  page.Paragraph(heading, 0, color);
  for (size_t i = 0; i < std::min(groups.size(), kMostReasons); ++i) {
    const auto& [reason, ids] = groups[i];
    const auto shown = static_cast<std::ptrdiff_t>(std::min(ids.size(), kMostIdsOfReason));
    std::string text =
        fmt::format("- {}: {}", fmt::join(ids.begin(), ids.begin() + shown, ", "), reason);
    if (ids.size() > kMostIdsOfReason) {
      text = fmt::format("- {} and {} more: {}", fmt::join(ids.begin(), ids.begin() + shown, ", "),
                         ids.size() - kMostIdsOfReason, reason);
    }
    page.Paragraph(text, 2);
  }
  if (groups.size() > kMostReasons)
    page.Paragraph(fmt::format("… {} more reasons in the report", groups.size() - kMostReasons));
}

void AddUnrecommended(const SweepResult& sweep, const std::vector<CellResult>& cells, Page& page) {
  std::vector<ReasonGroup> wrong;
  std::vector<ReasonGroup> failed;
  std::vector<ReasonGroup> saturated;
  std::vector<ReasonGroup> doubtful;
  for (const CellResult& cell : cells) {
    const std::string id = CellOf(sweep, cell).Id();
    const std::string text = fmt::format("{}: {}", VerdictWords(sweep, cell), cell.reason);
    if (GaveWrongAnswers(cell)) {
      AddToGroup(text, id, wrong);
    } else if (cell.verdict == "failed" || cell.verdict == "timed_out") {
      AddToGroup(text, id, failed);
    } else if (cell.verdict == "saturated") {
      AddToGroup(cell.reason, id, saturated);
    } else if (cell.verdict != "ok") {
      AddToGroup(text, id, doubtful);
    }
  }
  AddGroups("Wrong or disordered answers:", wrong, kRed, page);
  AddGroups("Failed:", failed, kRed, page);
  AddGroups("Saturated:", saturated, kYellow, page);
  AddGroups("Not to be relied on, or not measured:", doubtful, kYellow, page);
}

void AddSkipped(const Plan& plan, Page& page) {
  std::vector<ReasonGroup> groups;
  for (const SkippedCell& skipped : plan.skipped)
    AddToGroup(skipped.reason, skipped.cell.Id(), groups);
  AddGroups("Skipped:", groups, {}, page);
}

void AddWarnings(const ConsoleSource& source, int best, Page& page) {
  std::vector<std::string> warnings = source.warnings;
  if (best >= 0) {
    const CellResult& choice = source.cells[static_cast<size_t>(best)];
    for (const std::string& warning : choice.warnings) {
      // Of the percentiles this page shows p50 alone; the report tells what the others need.
      if (choice.latency.p50_us && warning.starts_with("latency: ")) continue;
      warnings.push_back("recommended cell: " + warning);
    }
  }
  if (warnings.empty()) return;
  page.Gap();
  for (const std::string& warning : warnings)
    page.Paragraph("Warning: " + warning, 2, kYellow);
}

constexpr size_t kMostGroups = 6;

void AddScaling(const SweepResult& sweep, const std::vector<CellResult>& cells, Page& page) {
  const auto lines = ScalingLines(FindScaling(sweep, cells), kMostGroups);
  if (lines.empty()) return;
  page.Gap();
  page.Paragraph("Scaling over workers:");
  for (const std::string& line : lines)
    page.Paragraph("- " + line, 2);
}

/// Of the cells with right answers that are no controls the one that scales worst; nullptr: all
/// scale well.
const CellResult* WorstScaling(const SweepResult& sweep, const std::vector<CellResult>& cells) {
  const CellResult* worst = nullptr;
  for (const CellResult& cell : cells) {
    if (cell.causes.empty() || GaveWrongAnswers(cell)) continue;
    if (IsControl(CellOf(sweep, cell).mode)) continue;
    if (worst == nullptr || cell.parallel_efficiency->median < worst->parallel_efficiency->median)
      worst = &cell;
  }
  return worst;
}

void AddCausesOf(const SweepResult& sweep, const CellResult& cell, std::string_view which,
                 Page& page) {
  page.Gap();
  page.Paragraph(fmt::format("Why the {} cell, {}, has a parallel efficiency of {}:", which,
                             CellOf(sweep, cell).Id(), Percent(cell.parallel_efficiency->median)));
  for (const ScalingCause& cause : cell.causes)
    page.Paragraph(fmt::format("- {}: {}; {}", cause.name, cause.evidence, cause.remedy), 2);
}

/// Of the recommended cell and of the one that scales worst.
void AddCauses(const SweepResult& sweep, const std::vector<CellResult>& cells, int best,
               Page& page) {
  const CellResult* choice = best < 0 ? nullptr : &cells[static_cast<size_t>(best)];
  if (choice != nullptr && !choice->causes.empty())
    AddCausesOf(sweep, *choice, "recommended", page);
  const CellResult* worst = WorstScaling(sweep, cells);
  if (worst != nullptr && worst != choice) AddCausesOf(sweep, *worst, "worst scaling", page);
}

void AddTime(const SweepResult& sweep, Page& page) {
  const std::string line = TimeLine(sweep);
  if (line.empty()) return;
  page.Gap();
  page.Paragraph(line);
}

}  // namespace

std::string RenderConsole(const SweepResult& sweep, const ConsoleOptions& options) {
  const std::vector<CellResult> cells = SummarizeCells(sweep);
  return RenderConsoleOf({sweep, cells, SweepWarnings(sweep, cells)}, options);
}

std::string RenderConsoleOf(const ConsoleSource& source, const ConsoleOptions& options) {
  const auto& [sweep, cells, warnings] = source;
  const int best = BestCell(sweep, cells);
  Page page(options);
  for (const std::string& line : AnswerLines(sweep, cells, best))
    page.Paragraph(line, 0, kBold);
  AddWarnings(source, best, page);
  AddTable(sweep, cells, best, page);
  AddScaling(sweep, cells, page);
  AddCauses(sweep, cells, best, page);
  AddUnrecommended(sweep, cells, page);
  AddSkipped(sweep.plan, page);
  AddTime(sweep, page);
  return page.Take();
}

}  // namespace coresweep
