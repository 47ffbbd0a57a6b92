// Cells and references that fail in a search.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/core/search_answers.h"

namespace coresweep {
namespace {

using ::testing::HasSubstr;

TEST(SearchFailures, ACellThatFailsIsOutAtOnceWithItsReason) {
  for (const auto phase : {SearchPhase::kProbe, SearchPhase::kPass, SearchPhase::kRace}) {
    const auto run = RunWith(PlanFor(4), Failing({0.9, 1.0, 1.1, 1.2}, 0, phase));
    EXPECT_EQ(CountOf(run, phase, 0), 1);
    EXPECT_EQ(run.steps.back().cell == 0, false);
    EXPECT_EQ(run.result.choice, 1);
    EXPECT_EQ(run.result.end, SearchEnd::kWinner);
    EXPECT_EQ(run.result.cells[0].fate, CellFate::kFailed);
    EXPECT_EQ(run.result.cells[0].why, "wrong output");
  }
}

TEST(SearchFailures, AWinnerThatFailsWhenConfirmedIsReplacedByANewRace) {
  const auto run = RunWith(PlanFor(3), Failing({0.9, 1.0, 1.2}, 0, SearchPhase::kConfirmation, 5));
  EXPECT_EQ(run.result.choice, 1);
  EXPECT_EQ(run.result.end, SearchEnd::kWinner);
  EXPECT_EQ(run.result.cells[0].fate, CellFate::kFailed);
  ASSERT_TRUE(run.result.over_runner_up);
  EXPECT_EQ(run.result.over_runner_up->against, 2);
  EXPECT_EQ(run.result.over_runner_up->log_ratio.values, 12);
  EXPECT_GT(CountOf(run, SearchPhase::kRace, 2), 9) << "shown against the failed winner only";
  EXPECT_EQ(run.steps.back().round, 14)
      << "block 2 was given up; twelve new ones, orders of their own";
}

TEST(SearchFailures, TheOnlyOneLeftOfARaceIsNamedAsThat) {
  const auto answer = [](const SearchStep& step) -> LaunchOutcome {
    if (step.phase == SearchPhase::kRace && step.cell > 0) return {{}, "crash"};
    return Exact({1, 1, 1})(step);
  };
  EXPECT_EQ(RunWith(PlanFor(3), answer).result.sentence,
            "cell 0 is the only one left of the 3 cells that raced");
}

TEST(SearchFailures, WhenAllThatWereNotScreenedFailTheOthersRace) {
  const auto answer = [](const SearchStep& step) -> LaunchOutcome {
    if (step.phase >= SearchPhase::kRace && step.cell >= 0 && step.cell < 3) return {{}, "crash"};
    return Exact({1, 1, 1, 2})(step);
  };
  const auto result = RunWith(PlanFor(4), answer).result;
  EXPECT_EQ(result.choice, 3);
  EXPECT_EQ(result.sentence, "cell 3 is the only cell left to choose");
}

TEST(SearchFailures, ARunnerUpThatFailsWhenConfirmedIsLeftOut) {
  SearchPlan plan = PlanFor(3);
  plan.default_cell = 2;
  const auto run = RunWith(plan, Failing({0.9, 1.0, 1.2}, 1, SearchPhase::kConfirmation, 4));
  EXPECT_EQ(run.result.choice, 0);
  EXPECT_EQ(CountOf(run, SearchPhase::kConfirmation, 1), 5);
  EXPECT_EQ(run.result.why_no_runner_up, "the runner-up failed: wrong output");
  ASSERT_TRUE(run.result.over_default);
  EXPECT_EQ(run.result.over_default->log_ratio.values, 12);
}

TEST(SearchFailures, WhenAllRacersFailTheCellsThatWereCutRace) {
  std::vector<double> times(10, 1.0);
  for (size_t cell = 8; cell < 10; ++cell)
    times[cell] = 1.1;
  times[9] = 1.25;
  const auto answer = [&times](const SearchStep& step) -> LaunchOutcome {
    if (step.phase == SearchPhase::kRace && step.cell < 8) return {{}, "crash"};
    return Exact(times)(step);
  };
  const auto result = RunWith(PlanFor(10), answer).result;
  EXPECT_EQ(result.choice, 8);
  EXPECT_EQ(result.end, SearchEnd::kWinner);
  EXPECT_EQ(result.cells[9].fate, CellFate::kSlower);
}

TEST(SearchFailures, WhenAllCellsFailThereIsNothing) {
  const auto run = RunWith(PlanFor(3), [](const SearchStep&) -> LaunchOutcome {
    return {{}, "disorder"};
  });
  EXPECT_EQ(run.steps.size(), 3U);
  EXPECT_EQ(run.result.end, SearchEnd::kNothing);
  EXPECT_EQ(run.result.choice, std::nullopt);
  EXPECT_EQ(run.result.sentence, "no cell gave a value");
  EXPECT_EQ(run.result.cells[2].why, "disorder");
}

TEST(SearchFailures, AReferenceThatFailsOnceIsMissedAndThriceInARowEndsIt) {
  int failures = 0;
  const auto once = [&failures](const SearchStep& step) -> LaunchOutcome {
    if (step.cell == kRef && failures++ % 3 != 2) return {{}, "crash"};
    return Exact({1, 2})(step);
  };
  EXPECT_EQ(RunWith(PlanFor(2), once).result.end, SearchEnd::kWinner);

  const auto always = [](const SearchStep& step) -> LaunchOutcome {
    if (step.cell == kRef) return {{}, "crash"};
    return Exact({1, 2})(step);
  };
  const auto run = RunWith(PlanFor(2), always);
  EXPECT_EQ(CountOf(run, SearchPhase::kPass, kRef), 3);
  EXPECT_THAT(run.result.sentence,
              HasSubstr("ended by the reference, which failed 3 times in a row: crash"));
}

}  // namespace
}  // namespace coresweep
