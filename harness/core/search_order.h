// In which order a search launches: random by seed, each batch a pure function of its arguments.
#pragma once

#include <cstdint>
#include <vector>

#include "harness/core/search_plan.h"

namespace coresweep {

/// `cells` in an order drawn evenly among all (Fisher and Yates) from stream `stream` of `seed`.
std::vector<int> Permuted(std::vector<int> cells, uint64_t seed, uint64_t stream);

/// One probe of each cell.
std::vector<SearchStep> ProbeSteps(const std::vector<int>& cells, uint64_t seed);

/// One pass over `cells`, a reference before every `reference_every`-th launch of a cell, the first
/// included; and behind the last launch when `last`.
std::vector<SearchStep> PassSteps(const std::vector<int>& cells, int reference_every, int pass,
                                  bool last, uint64_t seed);

/// One round of the race: the challengers by threes, as it comes, each three and the incumbent in
/// an order of their own. So which of incumbent and challenger goes first is a fair coin.
std::vector<SearchStep> RoundSteps(int incumbent, const std::vector<int>& challengers, int round,
                                   uint64_t seed);
/// Launches of a round that belong together: an incumbent and the challengers beside it.
inline constexpr int kGroupChallengers = 3;

/// One block of the confirmation: the arms in random order, then mirrored, so that drift within the
/// block cancels.
std::vector<SearchStep> BlockSteps(const std::vector<int>& arms, int block, uint64_t seed);

}  // namespace coresweep
