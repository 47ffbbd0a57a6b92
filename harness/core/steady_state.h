// Whether a trial's speed had settled before its window began, and how long that takes.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/core/measurement.h"

namespace coresweep {

/// Work over the time from the gate to the end of the window.
struct WorkCurve {
  int64_t bin_ns = 0;         ///< length of each bin but for rounding; 0: nothing was measured
  std::vector<double> items;  ///< computed in each bin, chunks that cross an edge in proportion
  bool operator==(const WorkCurve&) const = default;
};

/// In `bins` equal parts; from the samples kept, each standing for as many as the log's stride
/// says.
WorkCurve WorkCurveOf(const TrialMeasurement& trial, size_t bins);

/// How much faster the second half of the window was than its first: log of the ratio of the work
/// in each, from the samples kept. nullopt: a half without work, or fewer than `kLeastDriftSamples`
/// samples, whose number alone would be told.
std::optional<double> WindowDrift(const TrialMeasurement& trial);
constexpr size_t kLeastDriftSamples = 16;

/// Leading values to leave out so that the standard error of the mean of the rest is least, at most
/// `most` of them and no more than half (two equal ones at the end would win): the marginal
/// standard error rule MSER (White 1997, "An effective truncation heuristic for bias reduction in
/// simulation output"). 0 for fewer than 4 values.
size_t WarmUpBins(std::span<const double> values, size_t most);

/// Whether windows began after the warm-up.
struct SteadyState {
  std::optional<bool> steady;
  std::string why_unknown;  ///< where `steady` is nullopt
  int64_t windows = 0;      ///< that have a drift
  int64_t faster = 0;       ///< of them, those whose second half was the faster one
  double median_drift = 0;  ///< log; above 0: the second half is faster
  bool operator==(const SteadyState&) const = default;
};

/// By the drifts of windows of fresh processes. Unsteady: the median drift is beyond `tolerated`
/// (log of 1.02), and so many drifts have its sign as chance gives in at most 1 % (two-sided sign
/// test). Unknown with fewer than 8, which cannot be told from chance. A machine that is loaded at
/// random speeds up windows as often as it slows them down; a model that still warms up does not.
SteadyState JudgeSteadiness(std::span<const double> drifts);
constexpr double kDriftTolerated = 0.02;

/// "the second half of 12 windows was 4.1 % faster than the first, in 12 of them: …" with the
/// remedy; "" unless `state` is unsteady.
std::string UnsteadyWarning(const SteadyState& state);

}  // namespace coresweep
