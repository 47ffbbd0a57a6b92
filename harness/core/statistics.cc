#include "harness/core/statistics.h"

#include <algorithm>
#include <cmath>

namespace coresweep {
namespace {

// q and 1 − q are rarely exact in binary: 10 / (1 − 0.9) comes out above 100. Products within this
// of a whole number are that number.
constexpr double kRoundingSlack = 1e-6;

}  // namespace

std::optional<double> Median(std::span<const double> values) {
  if (values.empty()) return std::nullopt;
  std::vector<double> copy(values.begin(), values.end());
  const auto middle = copy.begin() + static_cast<std::ptrdiff_t>(copy.size() / 2);
  std::nth_element(copy.begin(), middle, copy.end());
  if (copy.size() % 2 == 1) return *middle;
  return (*std::max_element(copy.begin(), middle) + *middle) / 2;
}

std::optional<Spread> SpreadOf(std::span<const double> values) {
  if (values.empty()) return std::nullopt;
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  return Spread{*Median(values), *low, *high};
}

double ShareOf(int64_t part, int64_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0;
}

double NearestRank(std::span<const double> sorted, double q) {
  const double rank = std::ceil(q * static_cast<double>(sorted.size()) - kRoundingSlack);
  const size_t index = rank < 1 ? 0 : static_cast<size_t>(rank) - 1;
  return sorted[std::min(index, sorted.size() - 1)];
}

std::optional<double> Percentile(std::span<const double> sorted, double q) {
  if (static_cast<int64_t>(sorted.size()) < LeastSamplesFor(q)) return std::nullopt;
  return NearestRank(sorted, q);
}

int64_t LeastSamplesFor(double q) {
  return static_cast<int64_t>(std::ceil(10 / (1 - q) - kRoundingSlack));
}

}  // namespace coresweep
