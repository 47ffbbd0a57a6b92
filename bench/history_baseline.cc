#include "bench/history_baseline.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>
#include <string_view>

#include "bench/history_store.h"
#include "reports/text.h"

namespace coresweep {
namespace {

constexpr std::string_view kName = "history";

/// "3 of another machine".
std::vector<std::string> Unlike(HistoryStore& store, const StoredRun& candidate, int64_t& count) {
  std::vector<std::string> texts;
  for (const auto& [part, reports] : store.UnlikeRuns(candidate)) {
    texts.push_back(
        fmt::format("{} of another {}", reports, part == "measuring" ? "way of measuring" : part));
    count += reports;
  }
  return texts;
}

}  // namespace

std::optional<std::string> HistoryNamedBy(const std::string& baseline,
                                          const std::vector<std::string>& environment) {
  std::error_code error;
  if (!baseline.starts_with(kName) || std::filesystem::exists(baseline, error)) return std::nullopt;
  const std::string rest = baseline.substr(kName.size());
  if (rest.empty() || rest == ":") return DefaultHistoryPath(environment);
  if (rest[0] == ':') return rest.substr(1);
  return std::nullopt;
}

HistoryBaseline BaselineFromHistory(const std::string& path, const StoredRun& candidate,
                                    const HistorySetup& setup) {
  HistoryStore store = HistoryStore::Open(path);
  HistoryBaseline baseline;
  int64_t unlike = 0;
  std::vector<std::string> left_out = Unlike(store, candidate, unlike);
  int64_t unfit = 0;
  std::string first;
  for (StoredRun& run : store.RunsLike(candidate)) {
    const std::string why = WhyNotBaseline(candidate, run, setup);
    if (why.empty()) {
      baseline.runs.push_back(std::move(run));
      continue;
    }
    if (unfit++ == 0) first = fmt::format("{}: {}", run.name, why);
  }
  if (unfit > 0) left_out.push_back(fmt::format("{} unfit ({})", unfit, first));
  const auto taken = std::ssize(baseline.runs);
  baseline.told = fmt::format("{} of the {} in {} can be compared with {}", taken,
                              Plural(taken + unlike + unfit, "other report", "other reports"), path,
                              candidate.name);
  if (!left_out.empty()) baseline.told += fmt::format("; left out: {}", fmt::join(left_out, ", "));
  baseline.told = Printable(baseline.told);
  return baseline;
}

}  // namespace coresweep
