#include "harness/core/search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/error.h"
#include "harness/core/search_confirmation.h"
#include "tests/core/search_answers.h"
#include "tests/core/search_simulation.h"

namespace coresweep {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(Search, FindsTheFastestAndShowsTheOthersToBeSlower) {
  const auto run = RunWith(PlanFor(4), Exact({1.1, 0.9, 1.0, 1.2}));
  EXPECT_EQ(run.result.end, SearchEnd::kWinner);
  EXPECT_EQ(run.result.choice, 1);
  EXPECT_THAT(run.result.survivors, ElementsAre(1));
  EXPECT_EQ(run.result.sentence,
            "cell 1 is faster than each of the 3 other cells that raced and did not fail");
  EXPECT_EQ(run.result.cells[1].fate, CellFate::kSurvivor);
  EXPECT_EQ(run.result.cells[2].fate, CellFate::kSlower);
  EXPECT_EQ(run.result.cells[2].why,
            "slower (shown): +11.1 % in the median of 9 rounds against cell 1");
  EXPECT_EQ(run.result.guarantee, "");
}

TEST(Search, ProbesFirstThenPassesThenRacesThenConfirms) {
  const auto run = RunWith(PlanFor(4), Exact({1.1, 0.9, 1.0, 1.2}));
  for (size_t i = 1; i < run.steps.size(); ++i)
    EXPECT_LE(run.steps[i - 1].phase, run.steps[i].phase);
  for (int cell = 0; cell < 4; ++cell) {
    EXPECT_EQ(CountOf(run, SearchPhase::kProbe, cell), 1);
    EXPECT_EQ(CountOf(run, SearchPhase::kPass, cell), 5);
    EXPECT_EQ(CountOf(run, SearchPhase::kRace, cell), 9);
  }
  EXPECT_EQ(CountOf(run, SearchPhase::kPass, kRef), 6);
  EXPECT_EQ(CountOf(run, SearchPhase::kConfirmation, 1), 24);
  EXPECT_EQ(CountOf(run, SearchPhase::kConfirmation, 2), 24);
  EXPECT_EQ(CountOf(run, SearchPhase::kConfirmation, kRef), 24);
}

TEST(Search, CountsWhatItLaunched) {
  const auto run = RunWith(PlanFor(4), Exact({1.1, 0.9, 1.0, 1.2}));
  EXPECT_EQ(run.result.probes, 4);
  EXPECT_EQ(run.result.launches + run.result.probes, static_cast<int64_t>(run.steps.size()));
  EXPECT_EQ(run.result.references, 30);
  EXPECT_EQ(run.result.cells[0].launches, 14);
  EXPECT_EQ(run.result.cells[1].launches, 38);
}

TEST(Search, TakesTheGainFromTheFreshBlocksAlone) {
  SearchPlan plan = PlanFor(4);
  plan.default_cell = 3;
  // Beside the confirmation cell 1 looks twice as fast as it is.
  const auto answer = [](const SearchStep& step) -> LaunchOutcome {
    if (step.cell == 1) return {step.phase == SearchPhase::kConfirmation ? 0.9 : 0.45, ""};
    return Exact({1.1, 0.0, 1.0, 1.2})(step);
  };
  const auto result = RunWith(plan, answer).result;
  ASSERT_TRUE(result.over_default && result.over_runner_up);
  EXPECT_EQ(result.over_default->against, 3);
  EXPECT_NEAR(*result.over_default->log_ratio.median, std::log(1.2 / 0.9), 1e-12);
  EXPECT_EQ(result.over_default->log_ratio.values, 12);
  EXPECT_EQ(result.over_default->log_ratio.Method(), "order statistics, 96.1 %");
  EXPECT_EQ(result.over_runner_up->against, 2);
  EXPECT_NEAR(*result.over_runner_up->log_ratio.low, std::log(1.0 / 0.9), 1e-12);
  EXPECT_EQ(result.why_no_default, "");
}

TEST(Search, SaysWhyThereIsNoGain) {
  SearchPlan plan = PlanFor(2);
  EXPECT_EQ(RunWith(plan, Exact({1, 2})).result.why_no_default, "there is no default");
  plan.default_cell = 0;
  EXPECT_EQ(RunWith(plan, Exact({1, 2})).result.why_no_default, "the choice is the default itself");
  plan.confirmation_blocks = 0;
  EXPECT_EQ(RunWith(plan, Exact({1, 2})).result.why_no_runner_up,
            "no blocks to confirm the choice were asked for");
  plan.default_cell = 1;
  EXPECT_EQ(RunWith(plan, Failing({1, 2}, 1, SearchPhase::kPass)).result.why_no_default,
            "the default failed: wrong output");
}

TEST(Search, FreshBlocksThatContradictTheRaceLeaveNoLoneWinner) {
  const auto answer = [](const SearchStep& step) -> LaunchOutcome {
    const bool fresh = step.phase == SearchPhase::kConfirmation;
    return Exact({fresh ? 1.2 : 1.0, 1.1})(step);
  };
  const auto result = RunWith(PlanFor(2), answer).result;
  EXPECT_EQ(result.end, SearchEnd::kTie);
  EXPECT_THAT(result.survivors, ElementsAre(0, 1));
  EXPECT_EQ(result.cells[1].fate, CellFate::kTied);
  EXPECT_THAT(result.cells[1].why, HasSubstr("faster than the choice in the blocks"));
}

TEST(Search, FreshBlocksThatSayNothingLeaveTheWinner) {
  const auto answer = [](const SearchStep& step) -> LaunchOutcome {
    const bool fresh = step.phase == SearchPhase::kConfirmation;
    return Exact({fresh && step.round % 2 == 0 ? 1.2 : 1.0, 1.1})(step);
  };
  const auto result = RunWith(PlanFor(2), answer).result;
  EXPECT_LT(*result.over_runner_up->log_ratio.low, 0);
  EXPECT_GT(*result.over_runner_up->log_ratio.high, 0);
  EXPECT_EQ(result.end, SearchEnd::kWinner);
}

TEST(Search, ADefaultThatWinsIsOneArmOfTheBlocks) {
  SearchPlan plan = PlanFor(3);
  plan.default_cell = 0;
  const auto run = RunWith(plan, Exact({1, 1.2, 1.3}));
  EXPECT_EQ(CountOf(run, SearchPhase::kConfirmation, 0), 24);
  EXPECT_EQ(CountOf(run, SearchPhase::kConfirmation, 1), 24);
}

TEST(SearchConfirmation, ABlockWithHalfAnArmGivesThatArmNoValue) {
  SearchConfirmation confirmation(0, {1, 2}, 2, 7);
  const auto steps = confirmation.Block(1);
  ASSERT_EQ(steps.size(), 8U);
  EXPECT_EQ(steps[0].round, 7);
  std::vector<std::optional<double>> times;
  int of_one = 0;
  for (const SearchStep& step : steps)
    times.push_back(step.cell == 1 && of_one++ == 1 ? std::nullopt
                                                    : std::optional(step.cell == 0 ? 1.0 : 2.0));
  confirmation.Judge(steps, times);
  EXPECT_TRUE(confirmation.DifferencesOf(1).empty());
  EXPECT_EQ(confirmation.DifferencesOf(2), std::vector<double>{std::log(2.0)});
  confirmation.Fail(1);
  EXPECT_EQ(confirmation.Block(1).size(), 6U);
  confirmation.Fail(2);
  EXPECT_TRUE(confirmation.Block(1).empty());
}

TEST(Search, IdenticalCellsHaveNoLoneWinner) {
  for (const auto mode : {SearchMode::kQuick, SearchMode::kCertified}) {
    SearchPlan plan = PlanFor(5, mode);
    plan.rank = {5, 4, 3, 2, 1};
    const auto result = RunWith(plan, Exact({1, 1, 1, 1, 1})).result;
    EXPECT_EQ(result.end, SearchEnd::kTie);
    EXPECT_THAT(result.survivors, ElementsAre(4, 3, 2, 1, 0));
    EXPECT_THAT(result.sentence, HasSubstr("not told apart: cell 4, cell 3, cell 2"));
  }
}

TEST(Search, OfOneCellMeasuresItAndHasNothingToConfirm) {
  const auto run = RunWith(PlanFor(1), Exact({0.5}));
  EXPECT_EQ(run.result.end, SearchEnd::kWinner);
  EXPECT_EQ(run.result.choice, 0);
  EXPECT_EQ(run.result.sentence, "cell 0 is the only cell left to choose");
  EXPECT_EQ(run.result.cells[0].launches, 5);
  EXPECT_NEAR(*run.result.cells[0].against_reference.median, std::log(0.5), 1e-12);
  EXPECT_EQ(run.result.why_no_runner_up, "there is no runner-up");
}

TEST(Search, UsesTheNamesOfTheCells) {
  SearchPlan plan = PlanFor(2);
  plan.names = {"threads/w1", "processes/w2"};
  EXPECT_THAT(RunWith(plan, Exact({2, 1})).result.sentence, StartsWith("processes/w2 is faster"));
}

TEST(Search, QuickRacesTheLeadersOnlyAndScreensAfterThreePasses) {
  std::vector<double> times(20, 1.05);
  times[7] = 0.9;
  times[11] = 3;
  const auto run = RunWith(PlanFor(20), Exact(times));
  EXPECT_EQ(run.result.choice, 7);
  EXPECT_EQ(CountOf(run, SearchPhase::kPass, 11), 3);
  EXPECT_EQ(run.result.cells[11].fate, CellFate::kScreened);
  EXPECT_EQ(run.result.cells[11].why,
            "every launch slower than 1.3 times the third best: 3.000 times the reference in the "
            "median of 3 launches");
  int raced = 0;
  int cut = 0;
  for (int cell = 0; cell < 20; ++cell) {
    raced += CountOf(run, SearchPhase::kRace, cell) > 0 ? 1 : 0;
    cut += run.result.cells[static_cast<size_t>(cell)].fate == CellFate::kCut ? 1 : 0;
  }
  EXPECT_EQ(raced, 8);
  EXPECT_EQ(cut, 11);
}

TEST(Search, CertifiedRacesAllThatTheScreenLeavesAndPrintsItsGuarantee) {
  std::vector<double> times(20, 1.05);
  times[7] = 0.9;
  times[11] = 3;
  const auto run = RunWith(PlanFor(20, SearchMode::kCertified), Exact(times));
  EXPECT_EQ(run.result.end, SearchEnd::kWinner);
  EXPECT_EQ(CountOf(run, SearchPhase::kPass, 0), 3);
  for (int cell = 0; cell < 20; ++cell)
    EXPECT_EQ(CountOf(run, SearchPhase::kRace, cell) == 0, cell == 11);
  // Five, five and six references, none beyond the factor: 1/6 · 1/6 · 1/7.
  EXPECT_DOUBLE_EQ(*run.result.screening_risk, 1.0 / 252);
  EXPECT_EQ(run.result.guarantee,
            "With probability at least 95.0 % none of the 19 cells that entered the race is faster "
            "than cell 7 by more than 5 %; 94.6 % for all cells that answer as they should: the "
            "screen drops one as fast as the third best with probability 0.004, estimated from the "
            "reference launches.");
}

TEST(Search, AllMeasuresEveryCellEquallyOftenAndProvesNothing) {
  SearchPlan plan = PlanFor(6, SearchMode::kAll);
  plan.passes = 4;
  plan.rank = {6, 5, 4, 3, 2, 1};
  const auto run = RunWith(plan, Exact({1, 1.01, 1.02, 1.2, 5, 9}));
  for (int cell = 0; cell < 6; ++cell) {
    EXPECT_EQ(CountOf(run, SearchPhase::kPass, cell), 4);
    EXPECT_EQ(run.result.cells[static_cast<size_t>(cell)].fate, CellFate::kSurvivor);
  }
  EXPECT_EQ(CountOf(run, SearchPhase::kRace, 0), 0);
  EXPECT_EQ(run.result.end, SearchEnd::kSurvivors);
  EXPECT_EQ(run.result.choice, 2) << "preferred by rank among those within 5 % of the fastest";
  EXPECT_EQ(run.result.sentence,
            "not decided (mode all measures and does not race): nothing excludes 6 of 6 cells; by "
            "the tie-break cell 2 comes first among those within 5 % of the fastest median");
  EXPECT_EQ(run.result.why_no_runner_up, "mode all runs no blocks to confirm the choice");
}

TEST(Search, GivesUpAfterTheRoundsAllowedWithAllThatStillRace) {
  SearchPlan plan = PlanFor(2);
  plan.race_rounds = 20;
  const auto answer = [](const SearchStep& step) -> LaunchOutcome {
    // Ten per cent faster and slower in turns: no sign test tells these apart.
    const double swing = step.phase == SearchPhase::kRace && step.round % 2 == 0 ? 0.9 : 1.1;
    return Exact({1, swing})(step);
  };
  const auto result = RunWith(plan, answer).result;
  EXPECT_EQ(result.end, SearchEnd::kSurvivors);
  EXPECT_THAT(result.survivors, ElementsAre(0, 1));
  EXPECT_THAT(result.sentence, HasSubstr("20 rounds of the race were not enough"));
  EXPECT_TRUE(result.over_runner_up);
}

TEST(Search, TheSameOutcomesAskForTheSameLaunches) {
  const auto walls = RecordedWalls("n2");
  SearchPlan plan = PlanFor(30);
  const auto log_times = UniqueBest(30, 0.06, 3);
  const auto run = [&](uint64_t seed) {
    plan.seed = seed;
    SimulatedMachine machine(walls, log_times, 3);
    return RunWith(plan, [&machine](const SearchStep& step) { return machine.Launch(step); });
  };
  const auto first = run(1);
  EXPECT_EQ(first.steps, run(1).steps);
  EXPECT_EQ(first.result.sentence, run(1).result.sentence);
  EXPECT_NE(first.steps, run(2).steps);
}

TEST(Search, AsksForTheSameLaunchUntilItIsTold) {
  Search search(PlanFor(3));
  EXPECT_EQ(search.Next(), search.Next());
  const auto first = search.Next();
  search.Add({});
  EXPECT_NE(search.Next(), first);
}

TEST(Search, RefusesOutcomesThatItCannotUse) {
  Search search(PlanFor(1));
  search.Add({});  // the probe needs no time
  EXPECT_THROW(search.Add({}), Error);
  EXPECT_THROW(search.Add({-1.0, ""}), Error);
  EXPECT_EQ(search.Result().launches, 0);
  search.Stop("the user");
  EXPECT_EQ(search.Next(), std::nullopt);
  EXPECT_THROW(search.Add({1.0, ""}), Error);
  EXPECT_THROW(Search(PlanFor(0)), UsageError);
}

}  // namespace
}  // namespace coresweep
