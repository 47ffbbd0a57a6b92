// The winner's gain, measured afresh: the blocks that made it the winner flatter it.
#pragma once

#include <optional>
#include <vector>

#include "harness/core/search_plan.h"

namespace coresweep {

/// Mirrored blocks of the winner, others and the reference.
class SearchConfirmation {
 public:
  /// `others` without repeats and without the winner. `first_block` numbers the blocks, so that a
  /// second confirmation in one search draws an order of its own.
  SearchConfirmation(int winner, const std::vector<int>& others, int blocks, int first_block);

  /// Steps of the next block; empty when all were run or no other is left.
  [[nodiscard]] std::vector<SearchStep> Block(uint64_t seed) const;
  /// Takes the times of a block: `times[i]` belongs to `steps[i]`, nullopt for a failed launch. An
  /// arm without both of its times gives no value.
  void Judge(const std::vector<SearchStep>& steps, const std::vector<std::optional<double>>& times);
  /// One of the others is out.
  void Fail(int other);

  [[nodiscard]] int Winner() const { return winner_; }
  /// Number of the next block.
  [[nodiscard]] int NextBlock() const { return next_block_; }
  /// Per block, mean log time of `cell` minus that of the winner; empty for a cell not among them.
  [[nodiscard]] std::vector<double> DifferencesOf(int cell) const;

 private:
  struct Arm {
    int cell = 0;
    bool failed = false;
    std::vector<double> differences;
  };
  int winner_;
  std::vector<Arm> others_;
  int next_block_;
  int end_block_;
};

}  // namespace coresweep
