// Which cell a search would name now.
#include <algorithm>
#include <cmath>

#include "harness/core/search_board.h"
#include "harness/core/statistics.h"

namespace coresweep {
namespace {

using Estimates = std::vector<std::optional<double>>;

/// What nothing excludes. A cell must have a value to be named.
std::vector<int> Survivors(const SearchBoard& board) {
  std::vector<int> cells;
  if (board.race && board.race->Incumbent()) {
    for (const Racer& racer : board.race->Racers()) {
      const bool in = racer.standing == Standing::kIncumbent ||
                      racer.standing == Standing::kRacing || racer.standing == Standing::kTied;
      if (in) cells.push_back(racer.cell);
    }
    return cells;
  }
  const auto measured = board.log.LeastLogTimes(board.plan.cells);
  for (int cell = 0; cell < board.plan.cells; ++cell) {
    const SearchedCell& of = board.Of(cell);
    const bool out = !of.failure.empty() || of.screened;
    if (!out && measured[static_cast<size_t>(cell)]) cells.push_back(cell);
  }
  return cells;
}

/// By rank among those of `cells` within eps of the fastest estimate, or among all when none has
/// one; `cells` by rank, not empty.
int TieBreak(const SearchBoard& board, const std::vector<int>& cells, const Estimates& estimates) {
  std::optional<double> fastest;
  for (const int cell : cells) {
    const auto estimate = estimates[static_cast<size_t>(cell)];
    if (estimate && (!fastest || *estimate < *fastest)) fastest = estimate;
  }
  for (const int cell : cells) {
    const auto estimate = estimates[static_cast<size_t>(cell)];
    if (estimate && *estimate <= *fastest + std::log1p(board.plan.eps)) return cell;
  }
  return cells.front();
}

/// The fastest estimate among cells other than `choice` that answer as they should.
std::optional<int> RunnerUp(const SearchBoard& board, int choice, const Estimates& estimates) {
  std::optional<int> best;
  for (int cell = 0; cell < board.plan.cells; ++cell) {
    const auto estimate = estimates[static_cast<size_t>(cell)];
    if (cell == choice || !estimate || !board.Of(cell).failure.empty()) continue;
    if (!best || *estimate < *estimates[static_cast<size_t>(*best)]) best = cell;
  }
  return best;
}

}  // namespace

std::vector<std::optional<double>> EstimateCells(const SearchBoard& board) {
  Estimates estimates;
  for (const auto& ratios : board.log.RatiosByCell(board.plan.cells))
    estimates.push_back(Median(ratios));
  if (!board.race || !board.race->Incumbent()) return estimates;
  const int incumbent = *board.race->Incumbent();
  const auto zero = estimates[static_cast<size_t>(incumbent)];
  for (auto& estimate : estimates) {
    estimate = estimate && zero ? std::optional(*estimate - *zero) : std::nullopt;
  }
  for (const Racer& racer : board.race->Racers()) {
    const auto median = Median(racer.differences);
    if (racer.against == incumbent && median) estimates[static_cast<size_t>(racer.cell)] = median;
  }
  estimates[static_cast<size_t>(incumbent)] = 0;
  return estimates;
}

SearchChoice Choose(const SearchBoard& board) {
  const Estimates estimates = EstimateCells(board);
  SearchChoice now;
  now.survivors = Survivors(board);
  std::sort(now.survivors.begin(), now.survivors.end(),
            [&board](int a, int b) { return Preferred(board.plan, a, b); });
  if (now.survivors.empty()) return now;
  if (board.race && board.race->Decided()) {
    now.end = now.survivors.size() == 1 ? SearchEnd::kWinner : SearchEnd::kTie;
    now.choice = board.race->Incumbent();
  } else {
    now.end = SearchEnd::kSurvivors;
    now.choice = board.confirmation ? board.confirmation->Winner()
                                    : TieBreak(board, now.survivors, estimates);
  }
  now.runner_up = board.confirmation ? board.runner_up : RunnerUp(board, *now.choice, estimates);
  return now;
}

}  // namespace coresweep
