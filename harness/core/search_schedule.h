// A search for the best cell as the order of a sweep.
#pragma once

#include <memory>
#include <optional>

#include "harness/core/plan.h"
#include "harness/core/search.h"
#include "harness/core/sweep_search.h"
#include "harness/core/trial_schedule.h"

namespace coresweep {

/// Asks for the trials of a `Search` over the cells of a plan and tells it what became of them.
/// - Every cell of the plan is a candidate but those of mode `independent`, which has nothing to
///   give to a user. `serial` is one, so that a search can find that nothing beats one process.
/// - The reference is `ReferenceCell`.
/// - Tie-break: fewest workers, then threads, then memory (a copy of the model a process: serial,
///   threads, processes; then the smaller chunk, then the less credit), then the order of the axes.
/// - The default, over which the winner's gain is shown, is what one would take without measuring:
///   processes rather than threads, no more workers × threads than usable CPUs, fewest threads,
///   placement none, as many workers as that leaves, then the order of the axes.
class SearchSchedule final : public TrialSchedule {
 public:
  /// `plan.config.search` is set. @throws UsageError when the plan has no `serial` cell to refer
  /// to.
  explicit SearchSchedule(const Plan& plan);

  [[nodiscard]] std::optional<Trial> Next() const override;
  void Add(const TrialResult& result) override;
  void Stop(std::string_view why) override;
  /// Probes, passes and confirmation; the rounds of the race are not known before they are run.
  [[nodiscard]] int64_t Expected() const override { return now_.expected; }
  [[nodiscard]] const SweepSearch* Found() const override { return &now_; }

 private:
  void Update();

  SweepSearch now_;
  Search search_;
  int64_t done_ = 0;
};

/// Trials that a search over `plan` takes at least, rounds of the race left out.
int64_t LeastTrialsOf(const SearchPlan& plan);

/// What `plan` asks for: its list of trials, or a search.
std::unique_ptr<TrialSchedule> MakeSchedule(const Plan& plan);

}  // namespace coresweep
