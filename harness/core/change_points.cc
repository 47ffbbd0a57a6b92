#include "harness/core/change_points.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/base/error.h"
#include "harness/core/counter_random.h"

namespace coresweep {
namespace {

/// Of values that are equal but for rounding, a permutation counts as not smaller.
constexpr double kRounding = 1e-9;

/// Values [begin, end) between two changes.
struct Part {
  size_t begin = 0, end = 0;
  [[nodiscard]] size_t size() const { return end - begin; }
};

struct Cut {
  double q = 0;
  size_t at = 0;
};

/// Sums of |z_i - z_j| over rectangles of pairs, in constant time.
class DistanceSums {
 public:
  explicit DistanceSums(std::span<const double> values)
      : row_(values.size() + 1), sums_(row_ * row_) {
    for (size_t i = 0; i < values.size(); ++i) {
      for (size_t j = 0; j < values.size(); ++j) {
        sums_[(i + 1) * row_ + j + 1] =
            std::abs(values[i] - values[j]) + At(i, j + 1) + At(i + 1, j) - At(i, j);
      }
    }
  }
  /// Over i in [a, b) and j in [c, d).
  [[nodiscard]] double Between(size_t a, size_t b, size_t c, size_t d) const {
    return At(b, d) - At(a, d) - At(b, c) + At(a, c);
  }

 private:
  [[nodiscard]] double At(size_t i, size_t j) const { return sums_[i * row_ + j]; }

  size_t row_;
  std::vector<double> sums_;
};

/// Q of [0, t) against [t, k).
double Statistic(const DistanceSums& sums, size_t t, size_t k) {
  const auto n = static_cast<double>(t);
  const auto m = static_cast<double>(k - t);
  // A square holds each pair twice, and C(n,2) = n(n-1)/2.
  const double within =
      sums.Between(0, t, 0, t) / (n * (n - 1)) + sums.Between(t, k, t, k) / (m * (m - 1));
  return n * m / (n + m) * (2 / (n * m) * sums.Between(0, t, t, k) - within);
}

/// The greatest Q within one part, at the first place that has it.
Cut BestCut(std::span<const double> values, size_t least) {
  Cut best;
  if (values.size() < 2 * least) return best;
  const DistanceSums sums(values);
  for (size_t t = least; t + least <= values.size(); ++t) {
    for (size_t k = t + least; k <= values.size(); ++k) {
      const double q = Statistic(sums, t, k);
      if (q > best.q) best = {q, t};
    }
  }
  return best;
}

Cut BestCut(std::span<const double> values, const std::vector<Part>& parts, size_t least) {
  Cut best;
  for (const Part& part : parts) {
    const Cut cut = BestCut(values.subspan(part.begin, part.size()), least);
    if (cut.q > best.q) best = {cut.q, part.begin + cut.at};
  }
  return best;
}

/// Fisher and Yates' shuffle within each part.
void Shuffle(const std::vector<Part>& parts, const CounterRandom& random,
             std::vector<double>& values) {
  for (const Part& part : parts) {
    for (size_t i = part.end - 1; i > part.begin; --i) {
      const auto span = static_cast<double>(i - part.begin + 1);
      const auto other = part.begin + static_cast<size_t>(random.Uniform(i) * span);
      std::swap(values[i], values[std::min(other, i)]);
    }
  }
}

/// The p-value of the permutation test of `found`; above the significance it may be too small, as
/// the test ends there.
double PValue(std::span<const double> values, const std::vector<Part>& parts, const Cut& found,
              const ChangePointSetup& setup) {
  const auto tests = static_cast<double>(setup.permutations + 1);
  int64_t as_great = 0;
  std::vector<double> shuffled(values.begin(), values.end());
  for (int64_t i = 0; i < setup.permutations; ++i) {
    const auto stream = static_cast<uint64_t>(i) + parts.size() * 1'000'003;
    Shuffle(parts, CounterRandom(setup.seed, stream), shuffled);
    const Cut cut = BestCut(shuffled, parts, setup.least_values);
    if (cut.q >= found.q * (1 - kRounding)) ++as_great;
    if (static_cast<double>(as_great + 1) > setup.significance * tests) break;
  }
  return static_cast<double>(as_great + 1) / tests;
}

void CutAt(size_t at, std::vector<Part>& parts) {
  const auto part = std::find_if(parts.begin(), parts.end(), [at](const Part& candidate) {
    return candidate.begin < at && at < candidate.end;
  });
  const Part right{at, part->end};
  part->end = at;
  parts.insert(part + 1, right);
}

void CheckSetup(const ChangePointSetup& setup) {
  if (!(setup.significance > 0 && setup.significance < 1))
    throw UsageError(
        fmt::format("significance {}: must be above 0 and below 1", setup.significance));
  if (setup.permutations < 1 || setup.least_values < 2)
    throw UsageError("change points need a permutation and two values a part");
  if (setup.significance * static_cast<double>(setup.permutations + 1) < 1)
    throw UsageError(fmt::format("significance {}: cannot be reached with {} permutations",
                                 setup.significance, setup.permutations));
}

}  // namespace

std::vector<ChangePoint> FindChangePoints(std::span<const double> values,
                                          const ChangePointSetup& setup) {
  CheckSetup(setup);
  std::vector<ChangePoint> changes;
  std::vector<Part> parts{{0, values.size()}};
  while (true) {
    const Cut cut = BestCut(values, parts, setup.least_values);
    if (!(cut.q > 0)) break;
    const double p_value = PValue(values, parts, cut, setup);
    if (p_value > setup.significance) break;
    changes.push_back({cut.at, p_value});
    CutAt(cut.at, parts);
  }
  std::sort(changes.begin(), changes.end(),
            [](const ChangePoint& a, const ChangePoint& b) { return a.index < b.index; });
  return changes;
}

}  // namespace coresweep
