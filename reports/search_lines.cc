#include "reports/search_lines.h"

#include <fmt/format.h>

#include "reports/text.h"

namespace coresweep {
namespace {

/// "1.12 × the default, processes/w2/…" with the interval or why there is none.
std::string GainText(const SweepSearch& search, const SearchGain& gain, std::string_view what) {
  const MedianEstimate ratio = RatioFrom(gain.log_ratio);
  const std::string over =
      fmt::format("{} × the {}, {}", Ratio(*ratio.median), what, NameOf(search.plan, gain.against));
  const std::string blocks = Plural(ratio.values, "fresh block", "fresh blocks");
  if (!ratio.low) return fmt::format("{} ({}; {})", over, blocks, ratio.why_null);
  return fmt::format("{} (interval {}–{} over {}, {})", over, Ratio(*ratio.low), Ratio(*ratio.high),
                     blocks, ratio.Method());
}

std::string GainLine(const SweepSearch& search, const std::optional<SearchGain>& gain,
                     std::string_view what, const std::string& why_none) {
  if (gain) return fmt::format("It gives {}.", GainText(search, *gain, what));
  return fmt::format("Its gain over the {} was not measured: {}.", what, why_none);
}

}  // namespace

std::string SearchSentence(const SweepSearch& search) {
  const SearchResult& result = search.result;
  return fmt::format("Search {}: {}, in {} ({} of the reference) and {}.",
                     ToString(search.plan.mode), result.sentence,
                     Plural(result.launches, "launch", "launches"), result.references,
                     Plural(result.probes, "probe", "probes"));
}

std::vector<std::string> SearchEvidence(const SweepSearch& search) {
  const SearchResult& result = search.result;
  if (!result.choice) return {};
  std::vector<std::string> lines;
  // A choice that is the default itself has nothing to gain over it.
  if (result.choice == search.plan.default_cell) {
    lines.emplace_back("It is the default: what one would take without measuring.");
  } else {
    lines.push_back(GainLine(search, result.over_default, "default", result.why_no_default));
  }
  lines.push_back(GainLine(search, result.over_runner_up, "runner-up", result.why_no_runner_up));
  if (!result.guarantee.empty()) lines.push_back(result.guarantee);
  return lines;
}

}  // namespace coresweep
