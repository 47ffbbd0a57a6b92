// The pieces that an HTML page is put together from. Every text of a report goes through `Html`,
// every figure for scripts through `ScriptJson`: nothing else may stand between tags.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coresweep {

/// `text` as HTML text or the value of an attribute in double quotes; control characters become
/// spaces.
std::string Html(std::string_view text);

/// `json` on one line, ASCII, without `<`, `>` and `&`: it cannot end the element it stands in.
std::string ScriptJson(const nlohmann::ordered_json& json);

/// "sha256-…" of a Content-Security-Policy for the hexadecimal digest `hex`.
std::string CspSource(std::string_view hex);

/// `value` with five significant digits, which is more than a chart shows, or null.
nlohmann::ordered_json ChartNumber(const std::optional<double>& value);

/// A cell of a table: what is shown, already HTML, and the number it is sorted by.
struct HtmlField {
  std::string html;
  std::optional<double> number;
};

/// A figure shown as `shown`; a dash where there is none.
HtmlField FigureField(const std::optional<double>& value, std::string (*shown)(double));
/// A text of the report.
HtmlField TextField(std::string_view text);

/// A table that the page's script makes sortable; readable without it.
class HtmlTable {
 public:
  struct Heading {
    std::string text;
    bool number = true;
    std::string unit;  ///< small, below the text
  };

  /// `id` and `caption` are this program's own words; the first column names the row.
  HtmlTable(std::string id, std::string caption, std::vector<Heading> headings);

  /// One field a heading. `marked` rows stand out.
  void Add(const std::vector<HtmlField>& fields, bool marked = false);
  [[nodiscard]] bool Empty() const { return rows_ == 0; }
  [[nodiscard]] std::string Text() const;

 private:
  std::string id_, caption_, body_;
  std::vector<Heading> headings_;
  size_t rows_ = 0;
};

}  // namespace coresweep
