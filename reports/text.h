// Text for a terminal: widths, wrapping, tables and numbers for people.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/statistics.h"

namespace coresweep {

/// Columns that UTF-8 text takes: its code points. (The reports print no wide or combining ones.)
size_t DisplayWidth(std::string_view text);

/// `text` on one line and without terminal escapes: control characters become spaces. For texts of
/// others: messages, file names.
std::string Printable(std::string_view text);

/// Words of `text` in lines of at most `width` columns, each ending in '\n'; all lines but the
/// first are indented by `hanging` spaces. A longer word has its line to itself.
std::string Wrap(std::string_view text, size_t width, size_t hanging = 0);

/// The first columns of `text`, with "…" in place of what does not fit into `width` (>= 1).
std::string Shorten(std::string_view text, size_t width);

/// "1 cell is", "3 cells are".
std::string Plural(int64_t count, std::string_view one, std::string_view many);

/// Three significant digits, and all digits of what is greater: "0.0120", "1.93", "18.6", "186",
/// "12,345".
std::string Quantity(double value);
/// Two decimals, "1.93".
std::string Ratio(double value);
/// "96 %".
std::string Percent(double share);
/// "834 µs", "43.1 ms", "1.20 s".
std::string Duration(double us);

/// One column of a table.
struct Column {
  std::string heading;
  bool right_aligned = true;
  int importance = 0;               ///< the least important is dropped first; 0: never
  std::vector<std::string> values;  ///< one a row
};

/// Lines of the table, each ending in '\n', heading first: two spaces between columns. Where it is
/// wider than `width`, columns are dropped by importance; then the first one is shortened.
std::vector<std::string> TableLines(std::vector<Column> columns, size_t width);

}  // namespace coresweep
