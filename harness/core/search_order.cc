#include "harness/core/search_order.h"

#include <algorithm>
#include <utility>

#include "harness/core/counter_random.h"

namespace coresweep {
namespace {

/// A stream of its own for each phase, batch and part of a batch.
uint64_t Stream(SearchPhase phase, int batch, int part = 0) {
  return (static_cast<uint64_t>(phase) + 1) << 56U | static_cast<uint64_t>(part) << 32U |
         static_cast<uint64_t>(batch);
}

}  // namespace

std::vector<int> Permuted(std::vector<int> cells, uint64_t seed, uint64_t stream) {
  const CounterRandom random(seed, stream);
  for (size_t left = cells.size(); left > 1; --left) {
    // Below 2^20 cells the remainder favours none by more than 2^-44.
    std::swap(cells[left - 1], cells[random.Word(left) % left]);
  }
  return cells;
}

std::vector<SearchStep> ProbeSteps(const std::vector<int>& cells, uint64_t seed) {
  std::vector<SearchStep> steps;
  for (const int cell : Permuted(cells, seed, Stream(SearchPhase::kProbe, 0))) {
    steps.push_back({SearchPhase::kProbe, cell, 0});
  }
  return steps;
}

std::vector<SearchStep> PassSteps(const std::vector<int>& cells, int reference_every, int pass,
                                  bool last, uint64_t seed) {
  const SearchStep reference{SearchPhase::kPass, PairedLog::kReference, pass};
  std::vector<SearchStep> steps;
  int since = 0;
  for (const int cell : Permuted(cells, seed, Stream(SearchPhase::kPass, pass))) {
    if (since++ % reference_every == 0) steps.push_back(reference);
    steps.push_back({SearchPhase::kPass, cell, pass});
  }
  if (last && !cells.empty()) steps.push_back(reference);
  return steps;
}

std::vector<SearchStep> RoundSteps(int incumbent, const std::vector<int>& challengers, int round,
                                   uint64_t seed) {
  const auto order = Permuted(challengers, seed, Stream(SearchPhase::kRace, round));
  std::vector<SearchStep> steps;
  int part = 0;
  for (size_t first = 0; first < order.size(); first += kGroupChallengers) {
    std::vector<int> group{incumbent};
    for (size_t i = first; i < std::min(first + kGroupChallengers, order.size()); ++i) {
      group.push_back(order[i]);
    }
    for (const int cell : Permuted(group, seed, Stream(SearchPhase::kRace, round, ++part))) {
      steps.push_back({SearchPhase::kRace, cell, round});
    }
  }
  return steps;
}

std::vector<SearchStep> BlockSteps(const std::vector<int>& arms, int block, uint64_t seed) {
  auto order = Permuted(arms, seed, Stream(SearchPhase::kConfirmation, block));
  order.insert(order.end(), order.rbegin(), order.rend());
  std::vector<SearchStep> steps;
  steps.reserve(order.size());
  for (const int cell : order)
    steps.push_back({SearchPhase::kConfirmation, cell, block});
  return steps;
}

}  // namespace coresweep
