#include "harness/core/rank_test.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "harness/core/statistics.h"

namespace coresweep {
namespace {

/// Twice the mid-ranks of `values`: whole numbers, with ties too.
std::vector<int64_t> DoubledRanks(const std::vector<double>& values) {
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t i, size_t j) { return values[i] < values[j]; });
  std::vector<int64_t> ranks(values.size());
  for (size_t begin = 0; begin < order.size();) {
    size_t end = begin;
    while (end < order.size() && values[order[end]] == values[order[begin]])
      ++end;
    for (size_t i = begin; i < end; ++i)
      ranks[order[i]] = static_cast<int64_t>(begin + 1 + end);  // first rank + last rank
    begin = end;
  }
  return ranks;
}

/// Share of the ways to choose `count` of `ranks` with each sum of the chosen, by sum. Shares and
/// not numbers of ways, which would overflow for large samples.
std::vector<double> ShareOfSums(const std::vector<int64_t>& ranks, size_t count) {
  const auto most = static_cast<size_t>(std::accumulate(ranks.begin(), ranks.end(), int64_t{0}));
  // by[k][s]: chance that k of the ranks seen so far are chosen, with sum s.
  std::vector<std::vector<double>> by(count + 1, std::vector<double>(most + 1, 0));
  by[0][0] = 1;
  size_t seen = 0;
  size_t highest = 0;  // no sum so far is above it
  for (const int64_t rank : ranks) {
    const auto step = static_cast<size_t>(rank);
    const auto left = static_cast<double>(ranks.size() - seen);
    for (size_t k = std::min(count, seen) + 1; k-- > 0;) {
      const double chosen = static_cast<double>(count - k) / left;
      if (chosen > 1) continue;
      for (size_t s = highest + 1; s-- > 0;) {
        const double share = by[k][s];
        if (share == 0) continue;
        by[k][s] = share * (1 - chosen);
        if (k < count) by[k + 1][s + step] += share * chosen;
      }
    }
    ++seen;
    highest += step;
  }
  return by[count];
}

}  // namespace

double RankSumP(std::span<const double> a, std::span<const double> b) {
  if (a.empty() || b.empty()) return 1;
  std::vector<double> pooled(a.begin(), a.end());
  pooled.insert(pooled.end(), b.begin(), b.end());
  const std::vector<int64_t> ranks = DoubledRanks(pooled);
  const auto end_of_a = ranks.begin() + std::ssize(a);
  const int64_t sum = std::accumulate(ranks.begin(), end_of_a, int64_t{0});
  const auto mean = static_cast<int64_t>(a.size() * (pooled.size() + 1));  // doubled, as the ranks
  const std::vector<double> shares = ShareOfSums(ranks, a.size());
  double p = 0;
  for (size_t s = 0; s < shares.size(); ++s)
    if (std::abs(static_cast<int64_t>(s) - mean) >= std::abs(sum - mean)) p += shares[s];
  return std::min(1.0, p);
}

double LeastRankSumP(size_t m, size_t n) {
  double p = 2;
  for (size_t i = 1; i <= n; ++i)
    p *= static_cast<double>(i) / static_cast<double>(m + i);
  return std::min(1.0, p);
}

SampleRatio RatioBetween(std::span<const double> a, std::span<const double> b,
                         double least_confidence) {
  std::vector<double> logs;
  logs.reserve(a.size() * b.size());
  for (const double of_a : a)
    for (const double of_b : b)
      logs.push_back(std::log(of_b / of_a));
  std::sort(logs.begin(), logs.end());
  SampleRatio ratio;
  ratio.ratio = std::exp(Median(logs).value_or(0));
  // Without ties the rank sum of a, doubled, is its least + 2·U; U(k) is below k with this chance.
  std::vector<int64_t> ranks(a.size() + b.size());
  for (size_t i = 0; i < ranks.size(); ++i)
    ranks[i] = static_cast<int64_t>(2 * (i + 1));
  const std::vector<double> shares = ShareOfSums(ranks, a.size());
  const size_t least = a.size() * (a.size() + 1);
  double below = 0;
  for (size_t k = 1; 2 * k <= logs.size(); ++k) {
    below += shares[least + 2 * (k - 1)];
    if (1 - 2 * below < least_confidence) break;
    ratio.low = std::exp(logs[k - 1]);
    ratio.high = std::exp(logs[logs.size() - k]);
    ratio.confidence = 1 - 2 * below;
  }
  return ratio;
}

std::vector<double> HolmAdjusted(std::span<const double> p) {
  std::vector<size_t> order(p.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t i, size_t j) { return p[i] < p[j]; });
  std::vector<double> adjusted(p.size());
  double most = 0;
  for (size_t i = 0; i < order.size(); ++i) {
    most = std::max(most, std::min(1.0, p[order[i]] * static_cast<double>(p.size() - i)));
    adjusted[order[i]] = most;
  }
  return adjusted;
}

}  // namespace coresweep
