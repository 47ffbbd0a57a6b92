#include "workloads/torch/message.h"

#include <cctype>
#include <vector>

namespace coresweep {
namespace {

std::string_view Trim(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0)
    text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0)
    text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> Lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    const std::string_view line = Trim(text.substr(0, end));
    if (!line.empty()) lines.push_back(line);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  return lines;
}

// Length of "RuntimeError: ", "builtins.ValueError: " at the start of a line; 0 when it has none.
size_t ExceptionPrefix(std::string_view line) {
  const size_t colon = line.find(": ");
  if (colon == line.npos) return 0;
  const std::string_view name = line.substr(0, colon);
  for (const char c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '_' && c != '.') return 0;
  }
  return name.ends_with("Error") || name.ends_with("Exception") ? colon + 2 : 0;
}

}  // namespace

std::string MeaningfulLine(std::string_view what) {
  const std::vector<std::string_view> lines = Lines(what);
  // After the interpreter's traceback, which quotes the model's source, the error comes last.
  for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
    const size_t prefix = ExceptionPrefix(*line);
    if (prefix > 0 && prefix < line->size()) return std::string(line->substr(prefix));
  }
  return lines.empty() ? "no message" : std::string(lines.front());
}

}  // namespace coresweep
