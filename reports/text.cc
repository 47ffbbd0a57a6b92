#include "reports/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace coresweep {
namespace {

bool ContinuesCodePoint(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

size_t WidthOf(const Column& column) {
  size_t width = DisplayWidth(column.heading);
  for (const std::string& value : column.values)
    width = std::max(width, DisplayWidth(value));
  return width;
}

size_t WidthOf(const std::vector<Column>& columns) {
  size_t width = 2 * (columns.size() - 1);
  for (const Column& column : columns)
    width += WidthOf(column);
  return width;
}

void DropColumns(std::vector<Column>& columns, size_t width) {
  while (WidthOf(columns) > width) {
    auto least = columns.end();
    for (auto it = columns.begin(); it != columns.end(); ++it) {
      if (it->importance > 0 && (least == columns.end() || it->importance < least->importance))
        least = it;
    }
    if (least == columns.end()) return;
    columns.erase(least);
  }
}

void ShortenFirst(std::vector<Column>& columns, size_t width) {
  constexpr size_t kLeast = 8;
  const size_t total = WidthOf(columns);
  if (total <= width) return;
  const size_t now = WidthOf(columns.front());
  const size_t excess = total - width;
  const size_t target = std::max(kLeast, now > excess ? now - excess : 0);
  for (std::string& value : columns.front().values)
    value = Shorten(value, target);
}

std::string Line(const std::vector<Column>& columns, const std::vector<size_t>& widths,
                 const std::vector<std::string_view>& values) {
  std::string line;
  for (size_t i = 0; i < columns.size(); ++i) {
    const std::string padding(widths[i] - DisplayWidth(values[i]), ' ');
    if (i > 0) line += "  ";
    if (columns[i].right_aligned) line += padding;
    line += values[i];
    if (!columns[i].right_aligned) line += padding;
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

std::string WithThousands(double value) {
  std::string digits = fmt::format("{:.0f}", value);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > (value < 0 ? 1 : 0); at -= 3)
    digits.insert(static_cast<size_t>(at), 1, ',');
  return digits;
}

}  // namespace

size_t DisplayWidth(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !ContinuesCodePoint(c); }));
}

std::string Printable(std::string_view text) {
  std::string printable;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const auto next = static_cast<unsigned char>(i + 1 < text.size() ? text[i + 1] : '\0');
    const bool upper_control = byte == 0xC2 && next >= 0x80 && next < 0xA0;  // U+0080 to U+009F
    if (upper_control) ++i;
    printable += upper_control || byte < 0x20 || byte == 0x7F ? ' ' : text[i];
  }
  return printable;
}

std::string Wrap(std::string_view text, size_t width, size_t hanging) {
  std::string wrapped;
  std::string line;
  bool has_word = false;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find(' ', at), text.size());
    const std::string_view word = text.substr(at, end - at);
    at = end + 1;
    if (word.empty()) continue;
    if (has_word && DisplayWidth(line) + 1 + DisplayWidth(word) > width) {
      wrapped += line + "\n";
      line.assign(hanging, ' ');
      has_word = false;
    }
    if (has_word) line += ' ';
    line += word;
    has_word = true;
  }
  return wrapped + line + "\n";
}

std::string Shorten(std::string_view text, size_t width) {
  if (DisplayWidth(text) <= width) return std::string(text);
  std::string kept;
  size_t columns = 0;
  for (const char c : text) {
    if (!ContinuesCodePoint(c) && ++columns == width) break;
    kept += c;
  }
  return kept + "…";
}

std::string Plural(int64_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

std::string Quantity(double value) {
  if (!std::isfinite(value) || value == 0) return fmt::format("{}", value);
  if (std::abs(value) >= 999.5) return WithThousands(value);
  const int before_point =
      static_cast<int>(std::floor(std::log10(std::abs(value) * (1 + 1e-12)))) + 1;
  return fmt::format("{:.{}f}", value, std::clamp(3 - before_point, 0, 9));
}

std::string Ratio(double value) {
  return fmt::format("{:.2f}", value);
}

std::string Percent(double share) {
  return fmt::format("{:.0f} %", share * 100);
}

std::string Duration(double us) {
  if (us < 999.5) return Quantity(us) + " µs";
  if (us < 999.5e3) return Quantity(us / 1e3) + " ms";
  return Quantity(us / 1e6) + " s";
}

std::vector<std::string> TableLines(std::vector<Column> columns, size_t width) {
  std::vector<std::string> lines;
  if (columns.empty()) return lines;
  DropColumns(columns, width);
  ShortenFirst(columns, width);
  std::vector<size_t> widths;
  std::vector<std::string_view> values;
  for (const Column& column : columns) {
    widths.push_back(WidthOf(column));
    values.push_back(column.heading);
  }
  lines.push_back(Line(columns, widths, values));
  for (size_t row = 0; row < columns.front().values.size(); ++row) {
    for (size_t i = 0; i < columns.size(); ++i)
      values[i] = columns[i].values[row];
    lines.push_back(Line(columns, widths, values));
  }
  return lines;
}

}  // namespace coresweep
