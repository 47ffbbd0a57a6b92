#include "harness/core/latency.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string_view>
#include <utility>

#include "harness/base/clock.h"
#include "harness/core/statistics.h"

namespace coresweep {
namespace {

using Shown = std::pair<std::string_view, double>;
constexpr std::array<Shown, 4> kShown{
    {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99.9", 0.999}}};

/// Nullopt also where the percentile is infinite.
std::optional<double> Finite(std::optional<double> value) {
  return value && std::isfinite(*value) ? value : std::nullopt;
}

std::string WhyNull(const std::vector<double>& latencies, bool open) {
  if (latencies.empty()) return "no chunk was sampled in the window: use a longer window";
  const auto samples = static_cast<int64_t>(latencies.size());
  std::string few;
  std::string late;
  for (const auto& [name, q] : std::span(kShown).first(open ? 4 : 3)) {
    if (samples < LeastSamplesFor(q)) {
      few +=
          fmt::format("{}{} needs {} samples", few.empty() ? "" : ", ", name, LeastSamplesFor(q));
    } else if (!std::isfinite(NearestRank(latencies, q))) {
      late += fmt::format("{}{}", late.empty() ? "" : ", ", name);
    }
  }
  if (!few.empty())
    few += fmt::format(", there are {}: use a longer window or more repetitions", samples);
  if (late.empty()) return few;
  late += ": as many requests were never issued; ask for a lower rate";
  return few.empty() ? late : late + "; " + few;
}

}  // namespace

bool CountsIn(const TrialMeasurement& trial, const ChunkSample& sample) {
  const Window& window = trial.window;
  if (trial.open_load) return sample.due_ns >= window.begin_ns && sample.due_ns < window.end_ns;
  return FractionInWindow(window, sample.started_ns, sample.computed_ns) > 0;
}

std::vector<double> LatenciesUs(const TrialMeasurement& trial, Since since) {
  std::vector<double> latencies;
  for (const ChunkSample& sample : trial.samples) {
    if (!CountsIn(trial, sample)) continue;
    const int64_t from_ns =
        since == Since::kDue && trial.open_load ? sample.due_ns : sample.issued_ns;
    latencies.push_back(static_cast<double>(sample.merged_ns - from_ns) /
                        static_cast<double>(kNsPerUs));
  }
  std::sort(latencies.begin(), latencies.end());
  if (!trial.open_load || since == Since::kIssued) return latencies;
  const auto stride = static_cast<int64_t>(trial.sample_stride);
  const int64_t left = (trial.open_load->left + stride - 1) / stride;
  latencies.insert(latencies.end(), static_cast<size_t>(left),
                   std::numeric_limits<double>::infinity());
  return latencies;
}

LatencySummary SummarizeLatency(std::span<const TrialMeasurement* const> trials, Since since) {
  std::vector<double> latencies;
  bool open = false;
  for (const TrialMeasurement* trial : trials) {
    const std::vector<double> more = LatenciesUs(*trial, since);
    latencies.insert(latencies.end(), more.begin(), more.end());
    open = open || trial->open_load;
  }
  std::sort(latencies.begin(), latencies.end());
  LatencySummary summary;
  summary.samples = std::count_if(latencies.begin(), latencies.end(),
                                  [](double latency) { return std::isfinite(latency); });
  summary.p50_us = Finite(Percentile(latencies, 0.5));
  summary.p90_us = Finite(Percentile(latencies, 0.9));
  summary.p99_us = Finite(Percentile(latencies, 0.99));
  summary.p999_us = Finite(Percentile(latencies, 0.999));
  if (!latencies.empty()) summary.max_us = Finite(latencies.back());
  summary.why_null = WhyNull(latencies, open);
  return summary;
}

}  // namespace coresweep
