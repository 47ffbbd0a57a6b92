// The search for the best cell as a state machine: it says what to launch next and is told what
// became of it. Pure and deterministic: the same plan and the same outcomes ask for the same
// launches, so that an interrupted search continues by telling a new one what the journal holds.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "harness/core/search_plan.h"
#include "harness/core/search_result.h"

namespace coresweep {

/// Method and guarantee: search_race.h, search_screen.h.
///
///     Search search(plan);
///     while (const auto step = search.Next()) search.Add(Launch(*step));
///     Report(search.Result());
class Search {
 public:
  /// @throws UsageError what `CheckSearchPlan` throws.
  explicit Search(SearchPlan plan);
  ~Search();
  Search(const Search&) = delete;
  Search& operator=(const Search&) = delete;
  Search(Search&&) noexcept;
  Search& operator=(Search&&) noexcept;

  /// The launch to make now, the same until `Add`; nullopt when the search has ended.
  [[nodiscard]] std::optional<SearchStep> Next() const;
  /// What became of the launch `Next` asks for. @throws Error when it asks for none, or when an
  /// outcome without failure lacks the time that its phase needs.
  void Add(const LaunchOutcome& outcome);
  /// Ends the search where it stands; `why` ("the time budget of 600 s") completes the sentence
  /// "ended by …". Without effect on one that has ended.
  void Stop(std::string_view why);
  /// The result so far, at any time. Until the end it is what `Stop` would leave.
  [[nodiscard]] SearchResult Result() const;
  /// Cell launches and references in run order, for speedups of the report.
  [[nodiscard]] const PairedLog& Log() const;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace coresweep
