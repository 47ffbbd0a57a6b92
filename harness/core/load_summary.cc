#include "harness/core/load_summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "harness/base/clock.h"

namespace coresweep {
namespace {

constexpr double kShortfall = 0.01;
constexpr double kDeviations = 3;
constexpr int64_t kHeldByWorker = 2;

/// The spread of `value` over the trials for which there is one.
template <typename Value>
std::optional<Spread> SpreadOver(std::span<const TrialMeasurement* const> trials, Value value) {
  std::vector<double> values;
  for (const TrialMeasurement* trial : trials) {
    if (const std::optional<double> one = value(*trial)) values.push_back(*one);
  }
  return SpreadOf(values);
}

std::optional<double> PerSecond(const TrialMeasurement& trial, int64_t count) {
  if (trial.window.LengthNs() <= 0) return std::nullopt;
  return static_cast<double>(count) / NsToSeconds(trial.window.LengthNs());
}

}  // namespace

double ChanceBacklog(const Cell& cell, int64_t arrivals) {
  if (cell.load.arrivals == Arrivals::kConstant)
    return static_cast<double>(kHeldByWorker * cell.workers);
  return kDeviations * std::sqrt(static_cast<double>(arrivals));
}

bool IsSaturated(const Cell& cell, const OpenLoadUse& use) {
  if (use.left > 0) return true;
  const auto backlog = static_cast<double>(use.due - use.computed);
  return backlog > kShortfall * static_cast<double>(use.due) &&
         backlog > ChanceBacklog(cell, use.due);
}

std::string WhySaturated(const OpenLoadUse& use) {
  return fmt::format(
      "of {} requests that came due in the window {} were computed in it and {} never issued, up "
      "to "
      "{} waited: the queue grows; ask for less than the {:.0f} requests/s, or use more workers",
      use.due, use.computed, use.left, use.queue_most, use.rate_asked_per_s);
}

std::optional<OpenLoadSummary> SummarizeOpenLoad(const Cell& cell,
                                                 std::span<const TrialMeasurement* const> trials) {
  std::vector<const TrialMeasurement*> open;
  std::copy_if(trials.begin(), trials.end(), std::back_inserter(open),
               [](const TrialMeasurement* trial) { return trial->open_load.has_value(); });
  if (open.empty()) return std::nullopt;
  OpenLoadSummary summary;
  size_t saturated = 0;
  for (const TrialMeasurement* trial : open) {
    const OpenLoadUse& use = *trial->open_load;
    summary.rate_asked_per_s = use.rate_asked_per_s;
    summary.queue_most = std::max(summary.queue_most, use.queue_most);
    summary.left += use.left;
    summary.unhindered += use.unhindered;
    if (IsSaturated(cell, use)) ++saturated;
  }
  summary.saturated = 2 * saturated >= open.size();
  const auto spread = [&open](auto value) { return SpreadOver(open, value); };
  summary.offered_per_s =
      spread([](const TrialMeasurement& trial) { return PerSecond(trial, trial.open_load->due); });
  summary.reached_per_s = spread(
      [](const TrialMeasurement& trial) { return PerSecond(trial, trial.open_load->computed); });
  summary.queue_mean = spread(
      [](const TrialMeasurement& trial) { return std::optional(trial.open_load->queue_mean); });
  summary.issue_late_p50_us =
      spread([](const TrialMeasurement& trial) { return trial.open_load->issue_late_p50_us; });
  summary.issue_late_p99_us =
      spread([](const TrialMeasurement& trial) { return trial.open_load->issue_late_p99_us; });
  summary.from_issue = SummarizeLatency(open, Since::kIssued);
  return summary;
}

}  // namespace coresweep
