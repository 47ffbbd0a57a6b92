// Scripts and style of the HTML pages, built into the program by CMakeLists.txt.
#pragma once

#include <string_view>

namespace coresweep {

/// What a page shows.
enum class HtmlPageKind { kSweep, kGate, kHistoryGate, kComparison };

struct HtmlAsset {
  std::string_view text;
  std::string_view sha256;  ///< of `text`, hexadecimal
};

/// Chart.js, as Debian's libjs-chart.js has it.
HtmlAsset ChartLibrary();
/// The parts of reports/html/*.js that such a page needs, one after the other.
HtmlAsset PageScript(HtmlPageKind kind);
/// reports/html/page.css.
HtmlAsset PageStyle();

}  // namespace coresweep
