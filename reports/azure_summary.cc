#include "reports/azure_summary.h"

#include <fmt/format.h>

namespace coresweep {

std::string AzureMessage(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '%') {
      escaped += "%AZP25";
    } else if (c == '\r') {
      escaped += "%0D";
    } else if (c == '\n') {
      escaped += "%0A";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string AzureIssueLines(const std::vector<Annotation>& annotations) {
  std::string lines;
  for (const Annotation& annotation : FewAnnotations(annotations)) {
    lines += fmt::format("##vso[task.logissue type={}]{}\n",
                         annotation.level == AnnotationLevel::kError ? "error" : "warning",
                         AzureMessage(annotation.title + ": " + annotation.message));
  }
  return lines;
}

}  // namespace coresweep
