#include "reports/markdown_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <string_view>

#include "reports/text.h"

namespace coresweep {
namespace {

constexpr size_t kMostMarkdownRows = 30;
constexpr size_t kMostSkipped = 10;

/// Whether the character at `at` of what Markdown would take for an address makes it one.
bool MakesAddress(std::string_view text, size_t at) {
  if (text[at] == ':') return text.substr(at).starts_with(":/");
  return text[at] == '.' && text.substr(0, at).ends_with("www");
}

/// What could format, as HTML entities, which Markdown shows as they are meant wherever they stand.
/// After @ and #, which GitHub takes for a mention or an issue even then, an invisible word joiner.
std::string MarkdownText(std::string_view from) {
  constexpr std::string_view kSpecial = "\\`*_[]<>#|&@~";
  constexpr const char* kWordJoiner = "&#8288;";
  const std::string text = Printable(from);
  std::string escaped;
  for (size_t i = 0; i < text.size(); ++i) {
    if (kSpecial.find(text[i]) == std::string_view::npos && !MakesAddress(text, i)) {
      escaped += text[i];
      continue;
    }
    escaped += fmt::format("&#{};", static_cast<int>(text[i]));
    if (text[i] == '@' || text[i] == '#') escaped += kWordJoiner;
  }
  return escaped;
}

std::string ValueText(const std::optional<PageValue>& value, std::string (*text)(double)) {
  return value ? text(value->median) : "–";
}

std::string RangeText(const std::optional<PageValue>& value) {
  return value ? fmt::format("{}–{}", Quantity(value->low), Quantity(value->high)) : "–";
}

std::string MarkdownRow(const PageCell& cell, bool recommended) {
  const std::string id = MarkdownText(cell.id);
  return fmt::format("| {} | {} | {} | {} | {} | {} | {}{} |\n",
                     recommended ? fmt::format("**{}** (recommended)", id) : id,
                     ValueText(cell.throughput_per_s, Quantity), RangeText(cell.throughput_per_s),
                     ValueText(cell.speedup, Ratio), ValueText(cell.parallel_efficiency, Percent),
                     cell.p50_us ? Duration(*cell.p50_us) : "–", MarkdownText(cell.verdict),
                     cell.control ? " (control)" : "");
}

/// Fastest first; those without a throughput at the end, as they came.
std::vector<size_t> ByThroughput(const StoredPage& page) {
  std::vector<size_t> order(page.cells.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    const auto& left = page.cells[a].throughput_per_s;
    const auto& right = page.cells[b].throughput_per_s;
    return left && (!right || left->median > right->median);
  });
  return order;
}

std::string Table(const StoredPage& page) {
  std::string table =
      "| cell | items/s | low–high | speedup | efficiency | p50 | verdict |\n"
      "|---|---:|---:|---:|---:|---:|---|\n";
  const std::vector<size_t> order = ByThroughput(page);
  for (size_t row = 0; row < std::min(order.size(), kMostMarkdownRows); ++row)
    table += MarkdownRow(page.cells[order[row]], page.recommended == order[row]);
  if (order.size() > kMostMarkdownRows) {
    table += fmt::format(
        "\n… and {} more in the report.\n",
        Plural(static_cast<int64_t>(order.size() - kMostMarkdownRows), "cell", "cells"));
  }
  return table;
}

std::string Failures(const StoredPage& page) {
  std::string list;
  for (const PageCell& cell : page.cells) {
    if (cell.Failed()) {
      list += fmt::format("- {}: {}: {}\n", MarkdownText(cell.id), MarkdownText(cell.verdict),
                          MarkdownText(cell.reason));
    }
  }
  return list.empty() ? "" : "\n**Failed**\n\n" + list;
}

std::string Skipped(const StoredPage& page) {
  if (page.skipped.empty()) return "";
  std::string list = "\n**Skipped**\n\n";
  for (size_t i = 0; i < std::min(page.skipped.size(), kMostSkipped); ++i)
    list += fmt::format("- {}: {}\n", MarkdownText(page.skipped[i].id),
                        MarkdownText(page.skipped[i].reason));
  if (page.skipped.size() > kMostSkipped)
    list += fmt::format("- … and {} more in the report\n", page.skipped.size() - kMostSkipped);
  return list;
}

}  // namespace

std::string RenderMarkdown(const StoredPage& page) {
  return fmt::format(
      "### coresweep: {}\n\n{}\n{}\n{}\nspeedup: over one process with the same threads, placement "
      "and chunk; efficiency: speedup / workers; p50: median latency of a chunk.\n{}\n"
      "coresweep {}, {}\n",
      MarkdownText(page.workload), MarkdownText(AnswerOf(page)), Failures(page), Table(page),
      Skipped(page), MarkdownText(page.version),
      page.created.empty() ? "undated" : MarkdownText(page.created));
}

}  // namespace coresweep
