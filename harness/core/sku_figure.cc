#include "harness/core/sku_figure.h"

#include <algorithm>

#include "harness/core/order_interval.h"
#include "harness/core/rank_test.h"

namespace coresweep {
namespace {

/// What least and greatest of five values cover; from six on there is an interval at 95 %.
constexpr double kConfidenceOfFive = 0.9375;
constexpr double kConfidence = 0.95;

SkuPair PairOf(const SkuSample& first, const SkuSample& second) {
  SkuPair pair;
  pair.first = first.row;
  pair.second = second.row;
  const SkuFigure& a = *first.figure;
  const SkuFigure& b = *second.figure;
  const SampleRatio ratio = RatioBetween(a.values, b.values, kConfidence);
  pair.ratio = ratio.ratio;
  if (a.DescriptiveOnly() || b.DescriptiveOnly()) {
    pair.verdict = PairVerdict::kDescriptiveOnly;
    return pair;
  }
  pair.low = ratio.low;
  pair.high = ratio.high;
  pair.confidence = ratio.confidence;
  pair.p = RankSumP(a.values, b.values);
  return pair;
}

/// What Holm's correction makes of each p, and whether the sizes allow any p that passes it.
void Judge(std::vector<SkuPair>& pairs, const std::vector<double>& least_p) {
  std::vector<size_t> tested;
  std::vector<double> p;
  for (size_t i = 0; i < pairs.size(); ++i) {
    if (!pairs[i].p) continue;
    tested.push_back(i);
    p.push_back(*pairs[i].p);
  }
  const std::vector<double> adjusted = HolmAdjusted(p);
  for (size_t i = 0; i < tested.size(); ++i) {
    SkuPair& pair = pairs[tested[i]];
    pair.p_adjusted = adjusted[i];
    if (adjusted[i] <= kSkuAlpha) {
      pair.verdict = PairVerdict::kReal;
    } else if (least_p[tested[i]] * static_cast<double>(tested.size()) > kSkuAlpha) {
      pair.verdict = PairVerdict::kTooFew;
    }
  }
}

}  // namespace

SkuFigure FigureOf(std::vector<double> values) {
  SkuFigure figure;
  const double least_confidence =
      values.size() == kInstancesForInterval ? kConfidenceOfFive : kConfidence;
  const MedianEstimate estimate = EstimateMedian(values, least_confidence);
  figure.median = estimate.median.value_or(0);
  figure.low = estimate.low;
  figure.high = estimate.high;
  figure.confidence = estimate.confidence;
  const auto [least, greatest] = std::minmax_element(values.begin(), values.end());
  figure.least = *least;
  figure.greatest = *greatest;
  figure.values = std::move(values);
  return figure;
}

const char* ToString(PairVerdict verdict) {
  switch (verdict) {
    case PairVerdict::kReal:
      return "real";
    case PairVerdict::kCannotTell:
      return "cannot tell";
    case PairVerdict::kTooFew:
      return "too few instances";
    case PairVerdict::kDescriptiveOnly:
      return "descriptive only";
  }
  return "";
}

std::vector<SkuPair> ComparePairs(const std::vector<SkuSample>& samples) {
  std::vector<SkuPair> pairs;
  std::vector<double> least_p;
  for (size_t i = 0; i < samples.size(); ++i) {
    for (size_t j = i + 1; j < samples.size(); ++j) {
      if (samples[i].figure == nullptr || samples[j].figure == nullptr) continue;
      pairs.push_back(PairOf(samples[i], samples[j]));
      least_p.push_back(
          LeastRankSumP(samples[i].figure->values.size(), samples[j].figure->values.size()));
    }
  }
  Judge(pairs, least_p);
  return pairs;
}

}  // namespace coresweep
