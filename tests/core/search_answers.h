// Answers to a search without noise, and what it asked for.
#pragma once

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "harness/core/search.h"

namespace coresweep {

inline constexpr int kRef = PairedLog::kReference;

/// Answers each launch; cells take `times[cell]`, the reference 1.
using Answer = std::function<LaunchOutcome(const SearchStep&)>;

inline Answer Exact(std::vector<double> times) {
  return [times = std::move(times)](const SearchStep& step) -> LaunchOutcome {
    return {step.cell == kRef ? 1.0 : times[static_cast<size_t>(step.cell)], ""};
  };
}

/// As `Exact`, but cell `cell` fails from its launch number `nth` in `phase` on.
inline Answer Failing(std::vector<double> times, int cell, SearchPhase phase, int nth = 0) {
  return [answer = Exact(std::move(times)), cell, phase, nth,
          seen = 0](const SearchStep& step) mutable -> LaunchOutcome {
    const bool of_it = step.cell == cell && step.phase == phase;
    if (of_it && seen++ >= nth) return {std::nullopt, "wrong output"};
    return answer(step);
  };
}

inline SearchPlan PlanFor(int cells, SearchMode mode = SearchMode::kQuick) {
  SearchPlan plan;
  plan.mode = mode;
  plan.cells = cells;
  return plan;
}

struct Run {
  SearchResult result;
  std::vector<SearchStep> steps;
};

inline Run RunWith(const SearchPlan& plan, const Answer& answer) {
  Search search(plan);
  Run run;
  while (const auto step = search.Next()) {
    run.steps.push_back(*step);
    search.Add(answer(*step));
  }
  run.result = search.Result();
  return run;
}

inline int CountOf(const Run& run, SearchPhase phase, int cell) {
  return static_cast<int>(std::count_if(
      run.steps.begin(), run.steps.end(),
      [phase, cell](const SearchStep& step) { return step.phase == phase && step.cell == cell; }));
}

}  // namespace coresweep
