// All that a search knows at one moment, and what follows from it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/paired_log.h"
#include "harness/core/search_confirmation.h"
#include "harness/core/search_plan.h"
#include "harness/core/search_race.h"
#include "harness/core/search_result.h"

namespace coresweep {

/// What the search itself keeps of a cell; the rest is in the log and the race.
struct SearchedCell {
  std::string failure;  ///< "" while it answers as it should
  bool screened = false;
  bool cut = false;  ///< quick: not among the leaders that race
  int64_t launches = 0;
};

struct SearchBoard {
  SearchPlan plan;
  PairedLog log;  ///< passes, race and confirmation
  std::vector<SearchedCell> cells;
  std::optional<SearchRace> race;
  std::optional<SearchConfirmation> confirmation;
  std::optional<double> screening_risk;
  int passes = 0;  ///< completed
  int64_t probes = 0;
  int64_t references = 0;
  std::optional<int> runner_up;  ///< of the confirmation
  std::string stopped;           ///< what ended the search early; "" when nothing did
  bool running = true;

  [[nodiscard]] const SearchedCell& Of(int cell) const { return cells[static_cast<size_t>(cell)]; }
};

/// Where the search stands: which cell it would name now.
struct SearchChoice {
  SearchEnd end = SearchEnd::kNothing;
  std::optional<int> choice;
  std::vector<int> survivors;    ///< by rank
  std::optional<int> runner_up;  ///< the fastest of the others by its median
};

/// Log time of each cell as far as measured, on one scale: in the race the median against the
/// incumbent, else the median against the reference. nullopt for a cell without a value.
std::vector<std::optional<double>> EstimateCells(const SearchBoard& board);
SearchChoice Choose(const SearchBoard& board);
SearchResult MakeSearchResult(const SearchBoard& board);

}  // namespace coresweep
