// Figures over container instances, and which of their differences are real.
//
// The unit is the container instance: repetitions inside one tell nothing of the next one's
// processor and neighbours (Maricq et al., OSDI 2018; reference notes on statistics, §2.6). From
// five instances on a figure has an interval by order statistics, below three it only describes.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace coresweep {

constexpr size_t kInstancesForInterval = 5;
constexpr size_t kInstancesForJudgement = 3;
/// Chance of calling any pair different in one metric where none is.
constexpr double kSkuAlpha = 0.05;

/// One figure of a SKU. Not empty.
struct SkuFigure {
  std::vector<double> values;  ///< one an instance, in the order of the instances
  double median = 0, least = 0, greatest = 0;
  std::optional<double> low, high;  ///< interval of the median, from five instances on
  double confidence = 0;            ///< of that interval: 93.7 % at five, at least 95 % from six on

  [[nodiscard]] bool DescriptiveOnly() const { return values.size() < kInstancesForJudgement; }
};

/// Requires at least one value.
SkuFigure FigureOf(std::vector<double> values);

/// One metric of one SKU, for `ComparePairs`; no figure: it is left out of all pairs.
struct SkuSample {
  size_t row = 0;
  const SkuFigure* figure = nullptr;
};

enum class PairVerdict {
  kReal,             ///< p after correction at or below `kSkuAlpha`
  kCannotTell,       ///< above it
  kTooFew,           ///< not even the clearest difference could come out as real
  kDescriptiveOnly,  ///< one of them has fewer than three instances
};

/// "real", "cannot tell", "too few instances", "descriptive only".
const char* ToString(PairVerdict verdict);

/// `second` / `first`.
struct SkuPair {
  size_t first = 0, second = 0;  ///< rows; in the order of the samples
  double ratio = 1;
  std::optional<double> low, high;  ///< of this pair alone, at `confidence`
  double confidence = 0;
  std::optional<double> p;           ///< exact rank-sum test; nullopt: descriptive only
  std::optional<double> p_adjusted;  ///< after Holm's correction for all pairs that were tested
  PairVerdict verdict = PairVerdict::kCannotTell;
};

/// All pairs of samples that have a figure.
std::vector<SkuPair> ComparePairs(const std::vector<SkuSample>& samples);

}  // namespace coresweep
