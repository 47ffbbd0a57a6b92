#include "harness/core/search_confirmation.h"

#include <cmath>

#include "harness/core/search_order.h"

namespace coresweep {
namespace {

/// Mean log time of the two launches of `cell` in a block; nullopt unless both have a time.
std::optional<double> MeanLog(const std::vector<SearchStep>& steps,
                              const std::vector<std::optional<double>>& times, int cell) {
  double sum = 0;
  int found = 0;
  for (size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].cell != cell || !times[i]) continue;
    sum += std::log(*times[i]);
    ++found;
  }
  if (found != 2) return std::nullopt;
  return sum / 2;
}

}  // namespace

SearchConfirmation::SearchConfirmation(int winner, const std::vector<int>& others, int blocks,
                                       int first_block)
    : winner_(winner), next_block_(first_block), end_block_(first_block + blocks) {
  for (const int cell : others)
    others_.push_back({cell, false, {}});
}

std::vector<SearchStep> SearchConfirmation::Block(uint64_t seed) const {
  std::vector<int> arms;
  for (const Arm& arm : others_) {
    if (!arm.failed) arms.push_back(arm.cell);
  }
  if (arms.empty() || next_block_ >= end_block_) return {};
  arms.push_back(winner_);
  arms.push_back(PairedLog::kReference);
  return BlockSteps(arms, next_block_, seed);
}

void SearchConfirmation::Judge(const std::vector<SearchStep>& steps,
                               const std::vector<std::optional<double>>& times) {
  ++next_block_;
  const auto winner = MeanLog(steps, times, winner_);
  for (Arm& arm : others_) {
    const auto other = MeanLog(steps, times, arm.cell);
    if (winner && other) arm.differences.push_back(*other - *winner);
  }
}

void SearchConfirmation::Fail(int other) {
  for (Arm& arm : others_) {
    if (arm.cell == other) arm.failed = true;
  }
}

std::vector<double> SearchConfirmation::DifferencesOf(int cell) const {
  for (const Arm& arm : others_) {
    if (arm.cell == cell) return arm.differences;
  }
  return {};
}

}  // namespace coresweep
