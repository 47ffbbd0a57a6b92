#include "harness/core/steady_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "harness/core/binomial.h"
#include "harness/core/statistics.h"

namespace coresweep {
namespace {

constexpr double kSteadyRisk = 0.01;
constexpr int64_t kLeastWindows = 8;  // 2 · 2^-8 is the first below 1 %

double WorkIn(const TrialMeasurement& trial, Window part) {
  double items = 0;
  for (const ChunkSample& sample : trial.samples)
    items += sample.items * FractionInWindow(part, sample.started_ns, sample.computed_ns);
  return items * static_cast<double>(trial.sample_stride);
}

/// Where `part` of `parts` of `whole` begins.
int64_t EdgeOf(Window whole, size_t part, size_t parts) {
  return whole.begin_ns +
         whole.LengthNs() * static_cast<int64_t>(part) / static_cast<int64_t>(parts);
}

}  // namespace

WorkCurve WorkCurveOf(const TrialMeasurement& trial, size_t bins) {
  const Window whole{trial.gate_ns, trial.window.end_ns};
  if (trial.samples.empty() || whole.LengthNs() <= 0) return {};
  WorkCurve curve{whole.LengthNs() / static_cast<int64_t>(bins), {}};
  for (size_t bin = 0; bin < bins; ++bin)
    curve.items.push_back(WorkIn(trial, {EdgeOf(whole, bin, bins), EdgeOf(whole, bin + 1, bins)}));
  return curve;
}

std::optional<double> WindowDrift(const TrialMeasurement& trial) {
  const auto inside =
      std::count_if(trial.samples.begin(), trial.samples.end(), [&](const ChunkSample& sample) {
        return FractionInWindow(trial.window, sample.started_ns, sample.computed_ns) > 0;
      });
  if (inside < static_cast<int64_t>(kLeastDriftSamples)) return std::nullopt;
  const int64_t middle_ns = EdgeOf(trial.window, 1, 2);
  const double first = WorkIn(trial, {trial.window.begin_ns, middle_ns});
  const double second = WorkIn(trial, {middle_ns, trial.window.end_ns});
  if (first <= 0 || second <= 0) return std::nullopt;
  return std::log(second / first);
}

size_t WarmUpBins(std::span<const double> values, size_t most) {
  if (values.size() < 4) return 0;
  most = std::min(most, values.size() / 2);
  // From the end, so that each sum is that of all values from `left_out` on. At least 2 remain.
  double sum = 0;
  double squares = 0;
  double least = std::numeric_limits<double>::infinity();
  size_t best = 0;
  for (size_t left_out = values.size(); left_out-- > 0;) {
    sum += values[left_out];
    squares += values[left_out] * values[left_out];
    const auto count = static_cast<double>(values.size() - left_out);
    if (left_out > most || count < 2) continue;
    // Σ(x − mean)² / n²; of equal ones the one that leaves out less.
    const double rule = std::max(0.0, squares - sum * sum / count) / (count * count);
    if (rule <= least) {
      least = rule;
      best = left_out;
    }
  }
  return best;
}

SteadyState JudgeSteadiness(std::span<const double> drifts) {
  SteadyState state;
  state.windows = static_cast<int64_t>(drifts.size());
  state.faster = std::count_if(drifts.begin(), drifts.end(), [](double d) { return d > 0; });
  state.median_drift = Median(drifts).value_or(0);
  if (state.windows < kLeastWindows) {
    state.why_unknown = fmt::format(
        "{} windows can be told from chance, there were {} with {} "
        "chunks or more",
        kLeastWindows, state.windows, kLeastDriftSamples);
    return state;
  }
  const ChanceLimits faster = ChanceOf(state.faster, state.windows, kSteadyRisk);
  const bool drifts_away = state.median_drift > 0 ? faster.low > 0.5 : faster.high < 0.5;
  state.steady = !(drifts_away && std::abs(state.median_drift) > std::log1p(kDriftTolerated));
  return state;
}

std::string UnsteadyWarning(const SteadyState& state) {
  if (state.steady.value_or(true)) return "";
  const bool faster = state.median_drift > 0;
  const int64_t count = faster ? state.faster : state.windows - state.faster;
  return fmt::format(
      "not steady: the second half of the window was {:.1f} % {} than the first, in {} of {} "
      "windows: {}",
      std::abs(std::expm1(state.median_drift)) * 100, faster ? "faster" : "slower", count,
      state.windows,
      faster ? "it began before all was warm; raise --warmup-s"
             : "the work becomes slower as it runs (memory, heat, a spent CPU allowance); raise "
               "--warmup-s and --window-s to measure what lasts");
}

}  // namespace coresweep
