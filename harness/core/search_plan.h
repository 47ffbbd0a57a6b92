// What a search for the best cell is asked to do, what it asks for and what it is told.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/paired_log.h"

namespace coresweep {

enum class SearchMode {
  kQuick,      ///< passes over all cells, race of the leaders
  kCertified,  ///< passes that only screen, race of all others: with a guarantee
  kAll,        ///< every cell equally often; no race
};
std::string_view ToString(SearchMode mode);
std::optional<SearchMode> ParseSearchMode(std::string_view name);

struct SearchPlan {
  SearchMode mode = SearchMode::kQuick;
  int cells = 0;
  /// Tie-break, one number a cell: the least is preferred (fewest workers, then threads, then
  /// memory), at equal numbers the cell that comes first. Empty: the order of the cells.
  std::vector<int> rank;
  std::vector<std::string> names;   ///< of the cells, for sentences; empty: "cell 0", "cell 1", …
  std::optional<int> default_cell;  ///< what the winner's gain is also measured against
  double eps = 0.05;                ///< a cell that is this much faster is worth finding
  double delta = 0.05;              ///< risk of the race, over all its tests
  int reference_every = 4;          ///< launches of cells between two of the reference
  std::optional<int> passes;        ///< nullopt: 5, certified 3
  int race_size = 8;                ///< quick: how many cells race
  int race_rounds = 120;            ///< after these the cells still in the race are all survivors
  int confirmation_blocks = 12;     ///< fresh blocks for the winner's gain; 0: none
  uint64_t seed = 1;
};

/// @throws UsageError when a number is out of range or the plan contradicts itself.
void CheckSearchPlan(const SearchPlan& plan);
/// `plan.passes` or its default.
int PassesOf(const SearchPlan& plan);
/// "cell 3" or its name.
std::string NameOf(const SearchPlan& plan, int cell);
/// Whether cell `a` comes before cell `b` by `plan.rank`.
bool Preferred(const SearchPlan& plan, int a, int b);

enum class SearchPhase {
  kProbe,         ///< tiny launch that checks the output; its time is not used
  kPass,          ///< every cell still in, in random order, with references
  kRace,          ///< the incumbent beside its challengers
  kConfirmation,  ///< blocks of the winner, the runner-up, the default and the reference
};
std::string_view ToString(SearchPhase phase);

/// One launch asked for.
struct SearchStep {
  SearchPhase phase = SearchPhase::kProbe;
  int cell = 0;   ///< or `PairedLog::kReference`
  int round = 0;  ///< pass, round of the race or block, from 0
  bool operator==(const SearchStep&) const = default;
};

/// What became of it.
struct LaunchOutcome {
  std::optional<double> time_per_item_s;  ///< finite, > 0; not needed of a probe
  /// Wrong output, disorder, crash, …, in a few words; the cell is out. "" when all was well.
  std::string failure;
};

}  // namespace coresweep
