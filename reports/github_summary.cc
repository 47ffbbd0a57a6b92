#include "reports/github_summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "reports/text.h"

namespace coresweep {
namespace {

constexpr std::string_view kCut = "\n… cut off here: the rest is in the report.\n";

/// Of a workflow command; `property`: of one of its properties, which also end at ':' and ','.
std::string Escaped(const std::string& from, bool property) {
  std::string escaped;
  for (const char c : from) {
    const bool special = c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ','));
    if (special) {
      escaped += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string LineOf(const Annotation& annotation) {
  return fmt::format("::{} title={}::{}\n",
                     annotation.level == AnnotationLevel::kError ? "error" : "warning",
                     Escaped(annotation.title, true), Escaped(annotation.message, false));
}

}  // namespace

std::string CutSummary(const std::string& markdown, size_t most) {
  if (markdown.size() <= most) return markdown;
  if (most < kCut.size()) return "";
  const size_t room = most - kCut.size();
  const size_t line_end = room == 0 ? std::string::npos : markdown.rfind('\n', room - 1);
  const size_t kept = line_end == std::string::npos ? 0 : line_end + 1;
  return markdown.substr(0, kept) + std::string(kCut);
}

std::vector<Annotation> FewAnnotations(std::vector<Annotation> annotations) {
  std::stable_partition(annotations.begin(), annotations.end(), [](const Annotation& annotation) {
    return annotation.level == AnnotationLevel::kError;
  });
  if (annotations.size() <= kMostAnnotations) return annotations;
  const size_t more = annotations.size() - kMostAnnotations + 1;
  Annotation& last = annotations[kMostAnnotations - 1];
  last.title = "coresweep";
  last.message = fmt::format("and {} more: see the summary and the report", more);
  annotations.resize(kMostAnnotations);
  return annotations;
}

std::string AnnotationLines(std::vector<Annotation> annotations) {
  std::string lines;
  for (const Annotation& annotation : FewAnnotations(std::move(annotations)))
    lines += LineOf(annotation);
  return lines;
}

std::vector<Annotation> AnnotationsOf(const StoredPage& page) {
  std::vector<Annotation> annotations;
  for (const PageCell& cell : page.cells) {
    if (!cell.Failed()) continue;
    annotations.push_back({AnnotationLevel::kError, "coresweep: " + cell.verdict,
                           fmt::format("{}: {}", cell.id, cell.reason)});
  }
  if (!page.finished) {
    annotations.push_back({AnnotationLevel::kWarning, "coresweep: not finished",
                           "The sweep has not come to its end: not every cell was measured."});
  }
  return annotations;
}

std::vector<Annotation> GateAnnotations(std::string_view verdict, const std::string& sentence) {
  if (verdict == "PASS") return {};
  const auto level =
      verdict == "INCONCLUSIVE" ? AnnotationLevel::kWarning : AnnotationLevel::kError;
  return {{level, fmt::format("coresweep gate: {}", verdict), sentence}};
}

std::string GateSummary(std::string_view verdict, const std::string& text) {
  std::string markdown = fmt::format("### coresweep gate: {}\n\n", verdict);
  // Four spaces make code of a line, whatever is in it.
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    markdown += "    " + Printable(text.substr(begin, end - begin)) + "\n";
    begin = end + 1;
  }
  return markdown;
}

}  // namespace coresweep
