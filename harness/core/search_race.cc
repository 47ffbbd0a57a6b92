#include "harness/core/search_race.h"

#include <algorithm>
#include <cmath>

#include "harness/core/search_order.h"
#include "harness/core/sign_test.h"

namespace coresweep {
namespace {

/// So many rounds may a challenger that is no danger to the incumbent take to be told apart from
/// it.
constexpr int64_t kTieRounds = 40;

struct Signs {
  int64_t above = 0;
  int64_t below = 0;
};

Signs SignsAbout(const std::vector<double>& values, double border) {
  Signs signs;
  for (const double x : values) {
    signs.above += x > border ? 1 : 0;
    signs.below += x < border ? 1 : 0;
  }
  return signs;
}

/// Evidence that the median of `values` lies above `border`.
double EvidenceAbove(const std::vector<double>& values, double border) {
  const Signs signs = SignsAbout(values, border);
  return SignEValue(signs.above, signs.below);
}

double EvidenceBelow(const std::vector<double>& values, double border) {
  const Signs signs = SignsAbout(values, border);
  return SignEValue(signs.below, signs.above);
}

/// Whether signs in their present proportion would show within `kTieRounds` that a racer is slower.
bool MaySoonBeSlower(const std::vector<double>& differences, double needed) {
  const auto rounds = static_cast<int64_t>(differences.size());
  if (rounds >= kTieRounds) return false;
  const Signs signs = SignsAbout(differences, 0);
  return SignEValue(signs.above * kTieRounds / rounds, signs.below * kTieRounds / rounds) >= needed;
}

}  // namespace

SearchRace::SearchRace(double eps, double delta, const std::vector<int>& cells, int first_round)
    : eps_(eps), delta_(delta), next_round_(first_round) {
  for (const int cell : cells) {
    racers_.push_back({cell, Standing::kRacing, cell, {}});
  }
  Crown(cells.at(0));
}

void SearchRace::Crown(int cell) {
  incumbent_ = cell;
  ++incumbents_;
  for (Racer& racer : racers_) {
    if (racer.cell == cell) racer.standing = Standing::kIncumbent;
    if (racer.standing == Standing::kRacing || racer.cell == cell) {
      racer.against = cell;
      racer.differences.clear();
    }
  }
  challengers_at_first_ = static_cast<int>(Challengers().size());
}

std::vector<int> SearchRace::Challengers() const {
  std::vector<int> cells;
  for (const Racer& racer : racers_) {
    if (racer.standing == Standing::kRacing) cells.push_back(racer.cell);
  }
  return cells;
}

bool SearchRace::Decided() const {
  return incumbent_ && Challengers().empty();
}

Racer* SearchRace::Find(int cell) {
  const auto found = std::find_if(racers_.begin(), racers_.end(),
                                  [cell](const Racer& racer) { return racer.cell == cell; });
  return found == racers_.end() ? nullptr : &*found;
}

std::vector<SearchStep> SearchRace::Round(uint64_t seed) const {
  const auto challengers = Challengers();
  if (!incumbent_ || challengers.empty()) return {};
  return RoundSteps(*incumbent_, challengers, next_round_, seed);
}

void SearchRace::Judge(const std::vector<SearchStep>& steps,
                       const std::vector<std::optional<double>>& times) {
  const size_t group = kGroupChallengers + 1;
  for (size_t first = 0; first < steps.size(); first += group) {
    const size_t end = std::min(first + group, steps.size());
    std::optional<double> incumbent_time;
    for (size_t i = first; i < end; ++i) {
      if (steps[i].cell == incumbent_) incumbent_time = times[i];
    }
    for (size_t i = first; i < end; ++i) {
      if (steps[i].cell == incumbent_ || !incumbent_time || !times[i]) continue;
      Find(steps[i].cell)->differences.push_back(std::log(*times[i] / *incumbent_time));
    }
  }
  ++next_round_;
  Drop();
  Replace();
}

double SearchRace::Needed(int sharing) const {
  const double risk = std::ldexp(delta_, -incumbents_);  // delta/2, delta/4, …
  return 2.0 * sharing / risk;
}

void SearchRace::Drop() {
  const double needed = Needed(1);
  for (Racer& racer : racers_) {
    if (racer.standing != Standing::kRacing) continue;
    if (EvidenceAbove(racer.differences, -std::log1p(eps_)) < needed) continue;
    if (EvidenceAbove(racer.differences, 0) >= needed) {
      racer.standing = Standing::kSlower;
    } else if (!MaySoonBeSlower(racer.differences, needed)) {
      racer.standing = Standing::kTied;
    }
  }
}

void SearchRace::Replace() {
  const double needed = Needed(challengers_at_first_);
  const Racer* fastest = nullptr;
  double most = needed;
  for (const Racer& racer : racers_) {
    if (racer.standing != Standing::kRacing) continue;
    const double evidence = EvidenceBelow(racer.differences, 0);
    if (evidence < most || (fastest != nullptr && evidence <= most)) continue;
    most = evidence;
    fastest = &racer;
  }
  if (fastest == nullptr) return;
  Racer& old = *Find(*incumbent_);
  old.standing = Standing::kSlower;
  old.against = fastest->cell;
  old.differences.clear();
  for (const double x : fastest->differences)
    old.differences.push_back(-x);
  Crown(fastest->cell);
}

void SearchRace::Fail(int cell) {
  Racer* failed = Find(cell);
  if (failed == nullptr) return;
  failed->standing = Standing::kFailed;
  if (cell != incumbent_) return;
  incumbent_.reset();
  for (Racer& racer : racers_) {
    if (racer.standing != Standing::kFailed) racer.standing = Standing::kRacing;
  }
  const auto next = Challengers();
  if (!next.empty()) Crown(next.front());
}

}  // namespace coresweep
