// Statistics as pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace coresweep {

/// Middle value (mean of the two middle ones); nullopt for no values. Does not change its input.
std::optional<double> Median(std::span<const double> values);

/// Median with the least and the greatest value.
struct Spread {
  double median = 0;
  double low = 0;
  double high = 0;
};
/// nullopt for no values.
std::optional<Spread> SpreadOf(std::span<const double> values);

/// `part` / `whole`; 0 of nothing.
double ShareOf(int64_t part, int64_t whole);

/// The q-quantile (0 < q < 1) by nearest rank: the smallest value with at least q·n values at or
/// below it (Hyndman and Fan 1996, definition 1). `sorted` ascending, not empty.
double NearestRank(std::span<const double> sorted, double q);

/// `NearestRank`, or nullopt when there are fewer than 10/(1−q) values: a tail that rests on fewer
/// than ten observations is an anecdote.
std::optional<double> Percentile(std::span<const double> sorted, double q);
/// How many values `Percentile` asks for.
int64_t LeastSamplesFor(double q);

}  // namespace coresweep
