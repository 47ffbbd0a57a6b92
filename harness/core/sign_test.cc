#include "harness/core/sign_test.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <limits>

#include "harness/base/error.h"

namespace coresweep {
namespace {

/// 1 + β and 1 − β of one bet, as the decimal literals themselves (1 − 0.9 is not 0.1 in doubles).
struct Bet {
  double won;
  double lost;
};
constexpr std::array<Bet, 5> kBets{{{1.2, 0.8}, {1.4, 0.6}, {1.6, 0.4}, {1.8, 0.2}, {1.9, 0.1}}};

/// mantissa · 2^exponent with 0.5 ≤ mantissa < 1: a product that neither overflows nor vanishes.
struct Scaled {
  double mantissa = 0.5;
  int64_t exponent = 1;
};

Scaled Product(Scaled a, Scaled b) {
  int shift = 0;
  const double mantissa = std::frexp(a.mantissa * b.mantissa, &shift);
  return {mantissa, a.exponent + b.exponent + shift};
}

/// base^count by squaring. Not std::pow, whose last bits differ between libraries.
Scaled Power(double base, int64_t count) {
  int shift = 0;
  Scaled square;
  square.mantissa = std::frexp(base, &shift);
  square.exponent = shift;
  Scaled power;
  for (; count > 0; count /= 2) {
    if (count % 2 == 1) power = Product(power, square);
    square = Product(square, square);
  }
  return power;
}

/// value · 2^exponent, at most the largest double.
double Unscaled(double value, int64_t exponent) {
  constexpr int64_t kBeyond = 4000;  // 2^±4000 is out of range whatever the mantissa
  const double result =
      std::ldexp(value, static_cast<int>(std::clamp(exponent, -kBeyond, kBeyond)));
  return std::min(result, std::numeric_limits<double>::max());
}

}  // namespace

double SignEValue(int64_t above, int64_t below) {
  if (above < 0 || below < 0) {
    throw Error(
        fmt::format("sign test of {} above and {} below: counts are at least 0", above, below));
  }
  std::array<Scaled, kBets.size()> terms;
  int64_t top = std::numeric_limits<int64_t>::min();
  for (size_t i = 0; i < kBets.size(); ++i) {
    terms[i] = Product(Power(kBets[i].won, above), Power(kBets[i].lost, below));
    top = std::max(top, terms[i].exponent);
  }
  double sum = 0;
  for (const Scaled& term : terms)
    sum += Unscaled(term.mantissa, term.exponent - top);
  return Unscaled(sum / static_cast<double>(kBets.size()), top);
}

double JointSignEValue(const SignCounts& a, const SignCounts& b) {
  return SignEValue(a.above, a.below) / 2 + SignEValue(b.above, b.below) / 2;
}

std::optional<int64_t> LeastAbove(int64_t bets, double evidence) {
  if (SignEValue(bets, 0) < evidence) return std::nullopt;
  int64_t too_few = -1;
  int64_t enough = bets;
  while (enough - too_few > 1) {  // each one more above and less below is more evidence
    const int64_t middle = (enough + too_few) / 2;
    (SignEValue(middle, bets - middle) >= evidence ? enough : too_few) = middle;
  }
  return enough;
}

LeastAboveTable::LeastAboveTable(int64_t most_bets, double evidence) {
  // One bet more takes as many above as before, when it was won with one less below, or one more.
  int64_t least = 0;
  for (int64_t bets = 0; bets <= most_bets; ++bets) {
    if (least <= bets && SignEValue(least, bets - least) < evidence) ++least;
    least_.push_back(least);
  }
}

double SignTestP(int64_t above, int64_t below) {
  if (above < 0 || below < 0) throw Error("sign test: a count is negative");
  const int64_t all = above + below;
  const auto n = static_cast<double>(all);
  double tail = 0;
  for (int64_t k = 0; k <= std::min(above, below); ++k) {
    const auto x = static_cast<double>(k);
    tail += std::exp(std::lgamma(n + 1) - std::lgamma(x + 1) - std::lgamma(n - x + 1) -
                     n * std::log(2.0));
  }
  return std::min(1.0, 2 * tail);
}

MedianInterval SignInterval(std::span<const double> differences, double alpha, int64_t unmeasured) {
  const auto measured = static_cast<int64_t>(differences.size());
  const int64_t all = measured + unmeasured;
  const auto least = LeastAbove(all, 1 / alpha);
  MedianInterval interval;
  if (!least) return interval;
  std::vector<double> sorted(differences.begin(), differences.end());
  std::sort(sorted.begin(), sorted.end());
  // Just below the k-th smallest of all (k = 1 …), all − k + 1 lie above: the last k with enough of
  // them is all + 1 − least. The unmeasured come first, so less them. `high` mirrors it.
  const int64_t low = all - *least - unmeasured;
  const int64_t high = *least - 1;
  if (low >= 0) interval.low = sorted[static_cast<size_t>(low)];
  if (high < measured) interval.high = sorted[static_cast<size_t>(high)];
  return interval;
}

std::optional<double> JointSignLow(std::span<const double> a, std::span<const double> b,
                                   double evidence, int64_t unmeasured) {
  // Just below a value, what is at least that value lies above the threshold.
  const auto counts = [unmeasured](std::span<const double> sorted, double value) {
    const auto below = std::lower_bound(sorted.begin(), sorted.end(), value) - sorted.begin();
    return SignCounts{std::ssize(sorted) - below, below + unmeasured};
  };
  const auto rejects = [&](double value) {
    return JointSignEValue(counts(a, value), counts(b, value)) >= evidence;
  };
  std::vector<double> values;
  std::merge(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(values));
  // The higher the value, the fewer lie above.
  const auto end = std::partition_point(values.begin(), values.end(), rejects);
  return end == values.begin() ? std::nullopt : std::optional(*(end - 1));
}

}  // namespace coresweep
