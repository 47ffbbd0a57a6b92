// The race of the leaders: an incumbent, challengers launched beside it, and evidence by signs that
// may be looked at after every round.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "harness/core/search_plan.h"

namespace coresweep {

/// What the race says of one cell.
enum class Standing { kIncumbent, kRacing, kTied, kSlower, kFailed };

struct Racer {
  int cell = 0;
  Standing standing = Standing::kRacing;
  int against = 0;  ///< the incumbent that `differences` compare it with
  /// log(its time / the incumbent's), one a round, since that one became incumbent.
  std::vector<double> differences;
};

/// Per challenger and incumbent two questions, each a sign e-process over the differences d:
/// - d > −log(1+eps) in the median? Then it is not faster by more than eps and leaves the race:
///   `kSlower` when d > 0 is as well shown, else `kTied`.
/// - d < 0 in the median? Then it is faster and becomes the incumbent; the old one is `kSlower`.
/// The order within each group is random, so at the border either sign is as likely as the other,
/// whatever the noise (statistics: e-values and Ville's inequality).
///
/// Risk: `delta` is spent by halves, delta/2 under the first incumbent, delta/4 under the next, ….
/// A winner that some cell beats by more than eps needs the best cell b to be dropped wrongly, or
/// an incumbent to be replaced wrongly. b is one cell with one test for each incumbent, so that
/// tests to drop share half the risk among incumbents only; any of n challengers can replace
/// wrongly, so that the other half is shared among them, too. Dropping is transitive: b is not
/// faster than the old incumbent by more than eps, and the new one is faster than that.
class SearchRace {
 public:
  /// `cells` best first, not empty: the first is the incumbent. `first_round` numbers the rounds,
  /// so that a second race in one search draws orders of its own.
  SearchRace(double eps, double delta, const std::vector<int>& cells, int first_round = 0);

  /// Steps of the next round; empty when `Decided` or when no cell is left.
  [[nodiscard]] std::vector<SearchStep> Round(uint64_t seed) const;
  /// Takes the times of a round: `times[i]` belongs to `steps[i]`, nullopt for a failed launch.
  void Judge(const std::vector<SearchStep>& steps, const std::vector<std::optional<double>>& times);
  /// The cell is out. Of the incumbent: those it sent out come back and the best of all races on
  /// as the incumbent, since what was shown, was shown against a cell that is no choice any more.
  void Fail(int cell);

  /// nullopt when every cell failed.
  [[nodiscard]] std::optional<int> Incumbent() const { return incumbent_; }
  /// Whether no challenger is left.
  [[nodiscard]] bool Decided() const;
  /// Number of the next round.
  [[nodiscard]] int NextRound() const { return next_round_; }
  /// In the order given.
  [[nodiscard]] const std::vector<Racer>& Racers() const { return racers_; }

 private:
  [[nodiscard]] std::vector<int> Challengers() const;
  void Crown(int cell);
  void Drop();
  void Replace();
  /// Evidence that ends a test of the present incumbent, for one of `sharing` cells.
  [[nodiscard]] double Needed(int sharing) const;
  Racer* Find(int cell);

  double eps_;
  double delta_;
  std::vector<Racer> racers_;
  std::optional<int> incumbent_;
  int incumbents_ = 0;            ///< so far
  int challengers_at_first_ = 0;  ///< when the present incumbent became one
  int next_round_;
};

}  // namespace coresweep
