// How a search ended.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/order_interval.h"

namespace coresweep {

/// What the search knows of one cell in the end.
enum class CellFate {
  kSurvivor,    ///< nothing excludes it
  kTied,        ///< shown not to be faster than the winner by more than eps, not shown to be slower
  kSlower,      ///< shown to be slower than the winner, or than a former one
  kCut,         ///< quick: not among the leaders after the passes; not shown to be slower
  kScreened,    ///< far behind in every pass
  kFailed,      ///< wrong output, disorder, crash
  kUnmeasured,  ///< the search ended before it gave a value
};
std::string_view ToString(CellFate fate);

struct CellEvidence {
  CellFate fate = CellFate::kUnmeasured;
  std::string why;       ///< one sentence with the numbers
  int64_t launches = 0;  ///< of this cell, failed ones included, probe not
  /// log(its time / the reference's) over the passes and the confirmation.
  MedianEstimate against_reference;
};

/// How much faster the winner is, from the blocks of the confirmation alone.
struct SearchGain {
  int against = 0;  ///< cell
  /// log(time of the other / time of the winner), one value a block: > 0 says the winner is faster.
  MedianEstimate log_ratio;
};

enum class SearchEnd {
  kWinner,     ///< one cell, everything it raced shown to be slower
  kTie,        ///< no racer faster by more than eps, some not told apart from the choice
  kSurvivors,  ///< not decided: budget, rounds of the race, or a mode that does not race
  kNothing,    ///< no cell gave a value
};
std::string_view ToString(SearchEnd end);

struct SearchResult {
  SearchEnd end = SearchEnd::kNothing;
  /// kWinner: the winner. kTie: the one that no racer beats by more than eps. kSurvivors: by
  /// `SearchPlan::rank` among the survivors whose median lies within eps of the fastest median:
  /// an order, not evidence. nullopt: no cell gave a value.
  std::optional<int> choice;
  /// kWinner: the choice alone; kTie: it and what it ties with; else what nothing excludes. By
  /// rank.
  std::vector<int> survivors;
  std::string sentence;  ///< how it ended and why
  /// Certified, race decided: what holds with which probability. Else "".
  std::string guarantee;
  /// Certified: estimated probability that the screen dropped a cell as fast as the third best.
  std::optional<double> screening_risk;

  std::vector<CellEvidence> cells;  ///< one a cell of the plan
  int64_t probes = 0;
  int64_t launches = 0;    ///< all but the probes: cells and references
  int64_t references = 0;  ///< of `launches`

  std::optional<SearchGain> over_default, over_runner_up;
  std::string why_no_default, why_no_runner_up;  ///< why there is none; "" when there is
};

}  // namespace coresweep
