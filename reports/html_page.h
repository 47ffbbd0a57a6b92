// The frame that all HTML pages have in common: head, policy, places of charts, scripts, end.
// Texts are plain and are escaped here, unless it is said that they are HTML.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reports/html_assets.h"

namespace coresweep {

/// A chart: what it is, how to read it, and what it needs. All are HTML.
struct HtmlFigure {
  std::string_view id;
  std::string_view title;
  std::string_view how;      ///< to read it
  std::string_view table;    ///< id of the table with its figures
  std::string_view missing;  ///< what the report would need
  bool wide = false;
};

/// A part of the page, by its id.
struct HtmlPart {
  const char* id;
  const char* name;
};

/// From the doctype on; its Content-Security-Policy lets nothing run but the scripts of `kind`.
std::string HtmlHead(const std::string& title, HtmlPageKind kind);

/// The page's heading, facts in a line (without the empty ones), links to its parts; opens `main`.
std::string HtmlBanner(const char* kind, const std::string& heading,
                       const std::vector<std::string>& facts, const std::vector<HtmlPart>& parts);

/// `inside` is HTML.
std::string HtmlSection(const char* id, const char* title, const std::string& inside);

/// The place of a chart, or why it is not drawn. `note` is HTML.
std::string HtmlFigureText(const HtmlFigure& figure, bool there, const std::string& note = "");

/// Says that charts need scripts, where they are off.
std::string_view HtmlNoScript();

/// `data` is what `ScriptJson` made.
std::string HtmlScripts(HtmlPageKind kind, const std::string& data);

/// Closes `main`; what the words on the page mean, and `version` of the program that measured, "":
/// several did.
std::string HtmlEnd(const std::string& meanings, const std::string& version);

/// A figure in large, for a list of class tiles.
std::string HtmlTile(std::string_view name, const std::string& value, const std::string& below);

/// A name and its value, for a list of class facts; "" without a value.
std::string HtmlFact(const std::string& name, const std::string& value);

/// Warnings, each with where it is of.
class HtmlWarningList {
 public:
  void Add(std::string_view where, const std::string& text);
  /// HTML; "None." without any.
  [[nodiscard]] std::string Text() const;

 private:
  std::string items_;
};

}  // namespace coresweep
