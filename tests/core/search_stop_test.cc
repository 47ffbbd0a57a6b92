// A search ended at any step: it names no winner that it has not shown and loses nothing measured.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "tests/core/search_simulation.h"

namespace coresweep {
namespace {

using ::testing::HasSubstr;

constexpr int kStopRef = PairedLog::kReference;

SearchPlan StopPlanFor(int cells, SearchMode mode) {
  SearchPlan plan;
  plan.mode = mode;
  plan.cells = cells;
  plan.default_cell = cells - 1;
  return plan;
}

/// What the test itself counts of the launches.
struct Told {
  std::vector<int64_t> launches;
  int64_t references = 0;
  std::vector<bool> failed;
};

bool Contains(const std::vector<int>& cells, int cell) {
  return std::find(cells.begin(), cells.end(), cell) != cells.end();
}

void ExpectNothingLost(const SearchResult& result, const Told& told) {
  EXPECT_EQ(result.references, told.references);
  EXPECT_EQ(result.launches,
            std::accumulate(told.launches.begin(), told.launches.end(), told.references));
  for (size_t cell = 0; cell < told.launches.size(); ++cell) {
    const CellEvidence& evidence = result.cells[cell];
    EXPECT_EQ(evidence.launches, told.launches[cell]);
    EXPECT_EQ(evidence.fate == CellFate::kFailed, told.failed[cell]);
    EXPECT_EQ(evidence.fate == CellFate::kUnmeasured,
              told.launches[cell] == 0 && !told.failed[cell]);
    EXPECT_NE(evidence.why, "");
    const bool survives = evidence.fate == CellFate::kSurvivor || evidence.fate == CellFate::kTied;
    EXPECT_EQ(Contains(result.survivors, static_cast<int>(cell)), survives);
  }
}

/// A lone winner needs every other cell to be out for a reason.
void ExpectNoWinnerByLuck(const SearchResult& result) {
  if (result.choice) {
    EXPECT_TRUE(Contains(result.survivors, *result.choice));
  } else {
    EXPECT_EQ(result.end, SearchEnd::kNothing);
    EXPECT_TRUE(result.survivors.empty());
  }
  if (result.end != SearchEnd::kWinner) return;
  for (size_t cell = 0; cell < result.cells.size(); ++cell) {
    const CellFate fate = result.cells[cell].fate;
    if (static_cast<int>(cell) == result.choice) {
      EXPECT_EQ(fate, CellFate::kSurvivor);
    } else {
      EXPECT_TRUE(fate == CellFate::kSlower || fate == CellFate::kScreened ||
                  fate == CellFate::kCut || fate == CellFate::kFailed)
          << ToString(fate);
    }
  }
}

/// Stops one search after each of its steps; gives the result of each stop, the last one's
/// included. `fails(step, nth launch)` makes a launch fail.
template <typename Fails>
std::vector<SearchResult> StopEverywhere(const SearchPlan& plan,
                                         const std::vector<double>& log_times,
                                         const std::string& noise, Fails fails) {
  const auto walls = RecordedWalls(noise);
  std::vector<SearchResult> results;
  for (int stop = 0;; ++stop) {
    SimulatedMachine machine(walls, log_times, 5);
    Search search(plan);
    Told told{std::vector<int64_t>(log_times.size()), 0, std::vector<bool>(log_times.size())};
    int made = 0;
    for (; made < stop && search.Next(); ++made) {
      const SearchStep step = *search.Next();
      LaunchOutcome outcome = machine.Launch(step);
      if (fails(step, made)) outcome = {{}, "wrong output"};
      if (step.cell == kStopRef) {
        ++told.references;
      } else {
        told.launches[static_cast<size_t>(step.cell)] += step.phase == SearchPhase::kProbe ? 0 : 1;
        if (!outcome.failure.empty()) told.failed[static_cast<size_t>(step.cell)] = true;
      }
      search.Add(outcome);
    }
    const bool ended = !search.Next();
    search.Stop("the time budget of 60 s");
    EXPECT_EQ(search.Next(), std::nullopt);
    results.push_back(search.Result());
    ExpectNothingLost(results.back(), told);
    ExpectNoWinnerByLuck(results.back());
    if (results.back().end == SearchEnd::kSurvivors && !ended) {
      EXPECT_THAT(results.back().sentence, HasSubstr("ended by the time budget of 60 s"));
    }
    if (ended || ::testing::Test::HasFailure()) return results;
  }
}

bool Never(const SearchStep&, int) {
  return false;
}

int Winners(const std::vector<SearchResult>& results) {
  return static_cast<int>(std::count_if(results.begin(), results.end(), [](const SearchResult& r) {
    return r.end == SearchEnd::kWinner;
  }));
}

TEST(SearchStop, NamesTheBestOnlyOnceItIsShown) {
  const std::vector<double> log_times{0.5, 0.3, 0, 0.3, 0.25, 0.9, 0.35, 0.3, 0.4, 0.25};
  for (const auto mode : {SearchMode::kQuick, SearchMode::kCertified}) {
    const auto results = StopEverywhere(StopPlanFor(10, mode), log_times, "q2", Never);
    EXPECT_EQ(results.front().end, SearchEnd::kNothing);
    EXPECT_EQ(results.back().end, SearchEnd::kWinner);
    // From the round that shows it until the end, which is the confirmation.
    EXPECT_LE(Winners(results), 12 * 8 + 1);
    for (const SearchResult& result : results) {
      EXPECT_TRUE(result.end != SearchEnd::kWinner || result.choice == 2);
    }
  }
}

TEST(SearchStop, IdenticalCellsNeverGiveALoneWinner) {
  for (const auto* noise : {"q1", "n2"}) {
    const auto results =
        StopEverywhere(StopPlanFor(3, SearchMode::kQuick), {0, 0, 0}, noise, Never);
    EXPECT_EQ(Winners(results), 0) << noise;
  }
}

TEST(SearchStop, AllNeverNamesAWinner) {
  const auto results =
      StopEverywhere(StopPlanFor(6, SearchMode::kAll), {0, 1, 2, 3, 4, 5}, "q2", Never);
  EXPECT_EQ(Winners(results), 0);
  EXPECT_EQ(results.back().survivors.size(), 6U);
}

TEST(SearchStop, HoldsWithLaunchesThatFailAnywhere) {
  const std::vector<double> log_times{0.1, 0.05, 0, 0.07, 0.2, 0.15};
  for (int every = 7; every < 60; every += 13) {
    const auto fails = [every](const SearchStep&, int launch) {
      return launch % every == every - 1;
    };
    StopEverywhere(StopPlanFor(6, SearchMode::kQuick), log_times, "n1", fails);
  }
}

TEST(SearchStop, ChoosesByRankAmongTheFastestAndNotAmongAll) {
  SearchPlan plan = StopPlanFor(4, SearchMode::kQuick);
  plan.rank = {1, 2, 3, 4};
  Search search(plan);
  const std::vector<double> times{3.0, 1.03, 1.0, 1.2};
  for (int i = 0; i < 4 + 5; ++i) {  // the probes and one pass
    const SearchStep step = *search.Next();
    search.Add({step.cell == kStopRef ? 1.0 : times[static_cast<size_t>(step.cell)], ""});
  }
  search.Stop("the user");
  const auto result = search.Result();
  EXPECT_EQ(result.end, SearchEnd::kSurvivors);
  EXPECT_EQ(result.survivors, (std::vector<int>{0, 1, 2, 3}));
  EXPECT_EQ(result.choice, 1);
  EXPECT_EQ(result.why_no_runner_up, "the search ended before the blocks that measure it");
}

}  // namespace
}  // namespace coresweep
