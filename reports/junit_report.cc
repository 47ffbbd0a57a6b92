#include "reports/junit_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "reports/text.h"

namespace coresweep {
namespace {

/// Replaces every `from`, which is not empty.
void Replace(std::string_view from, std::string_view to, std::string& text) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

/// For content and attributes. Without what XML 1.0 forbids: control characters, U+FFFE, U+FFFF.
std::string XmlText(std::string_view from) {
  std::string text = Printable(from);
  Replace("&", "&amp;", text);
  Replace("<", "&lt;", text);
  Replace(">", "&gt;", text);
  Replace("\"", "&quot;", text);
  Replace("\xEF\xBF\xBE", " ", text);
  Replace("\xEF\xBF\xBF", " ", text);
  return text;
}

std::string Told(const PageCell& cell) {
  std::string told = cell.reason.empty() ? cell.verdict : cell.verdict + ": " + cell.reason;
  if (cell.throughput_per_s)
    told += fmt::format("; {} items/s", Quantity(cell.throughput_per_s->median));
  if (cell.speedup) told += fmt::format(", speedup {}", Ratio(cell.speedup->median));
  return told;
}

std::string OutcomeElement(const PageCell& cell) {
  if (cell.Failed()) {
    return fmt::format("<failure type=\"{}\" message=\"{}\"/>", XmlText(cell.verdict),
                       XmlText(cell.reason));
  }
  if (cell.Missing()) return fmt::format("<skipped message=\"{}\"/>", XmlText(Told(cell)));
  return fmt::format("<system-out>{}</system-out>", XmlText(Told(cell)));
}

std::string CaseOf(const std::string& workload, const PageCell& cell) {
  return fmt::format(
      "    <testcase classname=\"coresweep.{}\" name=\"{}\" time=\"{:.3f}\">{}</testcase>\n",
      XmlText(workload), XmlText(cell.id), cell.took_s, OutcomeElement(cell));
}

std::string CaseOf(const std::string& workload, const PageSkip& skip) {
  return fmt::format(
      "    <testcase classname=\"coresweep.{}\" name=\"{}\" time=\"0\"><skipped message=\"{}\"/>"
      "</testcase>\n",
      XmlText(workload), XmlText(skip.id), XmlText(skip.reason));
}

template <typename Which>
size_t Count(const StoredPage& page, Which which) {
  return static_cast<size_t>(std::count_if(page.cells.begin(), page.cells.end(), which));
}

}  // namespace

std::string RenderJunit(const StoredPage& page) {
  std::string cases;
  double time_s = 0;
  for (const PageCell& cell : page.cells) {
    cases += CaseOf(page.workload, cell);
    time_s += cell.took_s;
  }
  for (const PageSkip& skip : page.skipped)
    cases += CaseOf(page.workload, skip);
  const size_t failures = Count(page, [](const PageCell& cell) { return cell.Failed(); });
  const size_t missing = Count(page, [](const PageCell& cell) { return cell.Missing(); });
  const std::string counts = fmt::format(
      "tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\" time=\"{:.3f}\"",
      page.cells.size() + page.skipped.size(), failures, missing + page.skipped.size(), time_s);
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {}>\n"
      "  <testsuite name=\"coresweep {}\" {}{}>\n{}  </testsuite>\n</testsuites>\n",
      counts, XmlText(page.workload), counts,
      page.created.empty() ? "" : fmt::format(" timestamp=\"{}\"", XmlText(page.created)), cases);
}

}  // namespace coresweep
