// What GitHub Actions shows of a run or a gate: a job summary and annotations. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "reports/stored_page.h"

namespace coresweep {

/// GitHub refuses a summary of a step above 1 MiB as a whole.
inline constexpr size_t kMostSummaryBytes = (size_t{1} << 20) - 1;
/// More would bury what a pull request is about; GitHub itself shows ten of a step.
inline constexpr size_t kMostAnnotations = 5;

enum class AnnotationLevel { kWarning, kError };

struct Annotation {
  AnnotationLevel level = AnnotationLevel::kWarning;
  std::string title, message;
};

/// `markdown`, or as many of its whole lines as leave room, within `most` bytes, for a last one
/// that says that the rest is in the report; "" where not even that fits.
std::string CutSummary(const std::string& markdown, size_t most);

/// At most `kMostAnnotations` of `annotations`, errors first; the last counts the rest where there
/// are more.
std::vector<Annotation> FewAnnotations(std::vector<Annotation> annotations);

/// "::error title=…::…" lines, errors first; at most `kMostAnnotations`, the last of them counting
/// the rest where there are more. Line ends and what ends a property are escaped as GitHub wants
/// it.
std::string AnnotationLines(std::vector<Annotation> annotations);

/// An error for each cell that failed; a warning where the sweep has not come to its end.
std::vector<Annotation> AnnotationsOf(const StoredPage& page);

/// None for PASS, a warning for INCONCLUSIVE, an error for what else ends a gate. `verdict` is its
/// name, `sentence` the whole sentence.
std::vector<Annotation> GateAnnotations(std::string_view verdict, const std::string& sentence);

/// Markdown of what the gate printed: a heading with the verdict, then the text as it is, which can
/// neither format nor link nor mention anybody.
std::string GateSummary(std::string_view verdict, const std::string& text);

}  // namespace coresweep
