// A search as part of a sweep: which cells it chooses from and how far it has come.
#pragma once

#include <cstdint>
#include <vector>

#include "harness/core/search_plan.h"
#include "harness/core/search_result.h"

namespace coresweep {

struct SweepSearch {
  SearchPlan plan;         ///< its cells are numbered as in `cells` and named by their ids
  std::vector<int> cells;  ///< of each cell of the search: its index into Plan::cells
  int reference = 0;       ///< index into Plan::cells
  SearchResult result;     ///< until the end: as it would be if it ended now
  bool ended = false;      ///< no further trial is asked for
  int64_t expected = 0;    ///< trials in all, as far as known; exact once it has ended
};

}  // namespace coresweep
