#include "reports/json_text.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "harness/base/error.h"

namespace coresweep {
namespace {

/// "parse error at line 3, column 7: …", without the library's number of it.
std::string ParseErrorText(const nlohmann::json::exception& error) {
  const std::string text = error.what();
  const size_t end = text.starts_with("[json.exception") ? text.find("] ") : std::string::npos;
  return end == std::string::npos ? text : text.substr(end + 2);
}

/// Whether brackets outside of strings ever stand deeper than is read.
bool TooDeep(std::string_view text) {
  int level = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++level > kMostJsonLevels) return true;
    } else if (c == ']' || c == '}') {
      --level;
    }
  }
  return false;
}

}  // namespace

nlohmann::json ParseJsonText(std::string_view text, const std::string& origin) {
  if (TooDeep(text)) {
    throw UsageError(
        fmt::format("{}: nested in more than {} levels: no report is", origin, kMostJsonLevels));
  }
  try {
    return nlohmann::json::parse(text);
  } catch (const nlohmann::json::exception& error) {
    throw UsageError(fmt::format("{}: not JSON, or cut off: {}", origin, ParseErrorText(error)));
  }
}

}  // namespace coresweep
