// Many gates counted: what the simulations of the gate share.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tests/core/gate_runs.h"

namespace coresweep {

/// Outcomes of many gates.
struct GateTally {
  int gates = 0;
  int failed = 0;
  int passed = 0;
  int inconclusive = 0;
  int unfit = 0;
  int slower = 0;               ///< the main batch's ratio is above 1
  int main_failed = 0;          ///< the main batch failed, whatever came of it
  int main_failed_by_30 = 0;    ///< … within 30 blocks
  int main_failed_by_60 = 0;    ///< … within 60 blocks
  int failed_by_60_in_all = 0;  ///< FAIL with main batch and confirmation together within 60
  std::vector<int64_t> main_blocks;

  void Add(const GateOutcome& outcome);
  /// One line: percentages, median and 90th percentile of the main batch's blocks.
  [[nodiscard]] std::string Line() const;
};

/// Gate `index`'s launches.
using SourceMaker = std::function<BlockSource(uint64_t index)>;

/// Runs gates 0 … `gates` − 1, each with coins of its own.
GateTally TallyGates(int gates, uint64_t seed, const SourceMaker& make,
                     BlockValue block_value = BlockValue::kBoth);

}  // namespace coresweep
