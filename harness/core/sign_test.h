// The sign e-process: evidence that the median of some differences lies above (or below) a
// threshold, valid however often one looks and whenever one stops. It needs no model of the noise:
// only that, were the median at the threshold, each difference would fall on either side with equal
// chance given all before it, which the coin that orders each block brings about.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace coresweep {

/// Evidence against "the median is at or below the threshold" from `above` differences above it and
/// `below` below it (ties bet nothing): the mean over bets β in {.2, .4, .6, .8, .9} of
/// (1+β)^above · (1−β)^below. By Ville's inequality it ever reaches 1/α with probability at most α
/// when the statement is true. Swap the arguments for the opposite statement.
///
/// Only multiplications of doubles, exact scalings by powers of two and one sum of five terms in a
/// fixed order: the same bits wherever doubles are IEEE 754 and rounded to nearest (relative error
/// below 1e-12 for up to 1000 differences; for up to 200, and K up to 20 at α = 1 %, no count comes
/// nearer than 1e-4 to the evidence asked for). Never overflows: at most the largest double.
/// @throws Error when a count is negative.
double SignEValue(int64_t above, int64_t below);

/// Differences above and below a threshold, without ties.
struct SignCounts {
  int64_t above = 0;
  int64_t below = 0;
};

/// Evidence of two series of the same blocks against one statement about both: the mean of their
/// e-values, which is one however the two hang together (Vovk and Wang 2021, "E-values:
/// calibration, combination and applications").
double JointSignEValue(const SignCounts& a, const SignCounts& b);

/// The least number of differences above the threshold, of `bets` that are no ties, with which
/// `SignEValue(above, bets - above)` reaches `evidence`; nullopt when not even all of them suffice.
std::optional<int64_t> LeastAbove(int64_t bets, double evidence);

/// `LeastAbove` for 0 … `most_bets` bets, worked out once: for loops over many replays.
class LeastAboveTable {
 public:
  LeastAboveTable(int64_t most_bets, double evidence);
  /// More than `bets` when not even all of them suffice. `bets` at most `most_bets`.
  [[nodiscard]] int64_t At(int64_t bets) const { return least_[static_cast<size_t>(bets)]; }

 private:
  std::vector<int64_t> least_;
};

/// Two-sided p of the sign test (Dixon and Mood 1946): the chance that a fair coin falls `above` to
/// `below`, or farther from even; ties left out. 1 for none. For one look at independent signs:
/// `SignEValue` is for many. @throws Error when a count is negative.
double SignTestP(int64_t above, int64_t below);

/// The thresholds that the differences do not reject: an anytime-valid confidence interval for the
/// median. An end is nullopt when that side rejects nothing (unbounded).
struct MedianInterval {
  std::optional<double> low;
  std::optional<double> high;
};

/// Inverts `SignEValue` at 1/alpha on each side (level 1 − 2·alpha): each end is one of the
/// differences. `low` is the greatest value below which every threshold is rejected, `high` the
/// least above which every one is. `unmeasured` further differences are unknown: they count as −∞
/// for `low` and as +∞ for `high`. `differences` in any order, finite.
MedianInterval SignInterval(std::span<const double> differences, double alpha,
                            int64_t unmeasured = 0);

/// The `low` of `SignInterval` by the joint evidence of two series: the greatest value below which
/// every threshold has evidence of at least `evidence`. Both sorted and of one length; `unmeasured`
/// as above, of each.
std::optional<double> JointSignLow(std::span<const double> a, std::span<const double> b,
                                   double evidence, int64_t unmeasured = 0);

}  // namespace coresweep
