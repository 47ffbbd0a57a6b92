// Scripts and style of the HTML page, built into the program by CMakeLists.txt.
#pragma once

#include <string_view>

namespace coresweep {

struct HtmlAsset {
  std::string_view text;
  std::string_view sha256;  ///< of `text`, hexadecimal
};

/// Chart.js, as Debian's libjs-chart.js has it.
HtmlAsset ChartLibrary();
/// reports/html/*.js, one after the other.
HtmlAsset PageScript();
/// reports/html/page.css.
HtmlAsset PageStyle();

}  // namespace coresweep
