#include "harness/core/search_schedule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <set>

#include "harness/base/error.h"
#include "harness/core/counter_random.h"
#include "tests/support/example_sweep.h"

namespace coresweep {
namespace {

using example::BadMeasurement;
using example::GoodMeasurement;
using example::MakeCell;
using ::testing::HasSubstr;

using Measure = std::function<TrialMeasurement(const Plan&, const Trial&)>;

/// serial (0), then processes with 1 … `most` workers (1 … `most`).
Plan PlanWith(int most, SearchMode mode = SearchMode::kQuick) {
  example::SweepBuilder builder;
  builder.AddCell(MakeCell(Mode::kSerial, 1));
  for (int workers = 1; workers <= most; ++workers)
    builder.AddCell(MakeCell(Mode::kProcesses, workers));
  Plan plan = builder.sweep().plan;
  plan.config.search = mode;
  plan.config.repetitions = mode == SearchMode::kCertified ? 3 : 5;
  return plan;
}

/// Cell i gives items_per_s[i], times noise of some 5 % and a drift that halves the machine.
Measure Noisy(std::vector<double> items_per_s, uint64_t seed) {
  return [items_per_s = std::move(items_per_s), random = CounterRandom(seed, 3), launch = 0](
             const Plan&, const Trial& trial) mutable {
    const double noise = 0.2 * (random.Uniform(static_cast<uint64_t>(launch)) - 0.5);
    const double drift = std::exp2(-launch / 400.0);
    ++launch;
    return GoodMeasurement(items_per_s[static_cast<size_t>(trial.cell_index)] * std::exp(noise) *
                           drift);
  };
}

struct Done {
  std::vector<TrialResult> trials;
  SweepSearch found;
};

Done RunWith(const Plan& plan, const Measure& measure, int most_trials = 1'000'000) {
  SearchSchedule schedule(plan);
  Done done;
  while (const auto trial = schedule.Next()) {
    if (most_trials-- == 0) schedule.Stop("the time budget of 60 s");
    if (!schedule.Next()) break;
    EXPECT_GT(schedule.Expected(), static_cast<int64_t>(done.trials.size()));
    done.trials.push_back({*trial, 0, measure(plan, *trial)});
    schedule.Add(done.trials.back());
  }
  done.found = *schedule.Found();
  return done;
}

std::vector<Trial> TrialsIn(const Done& done) {
  std::vector<Trial> trials;
  for (const TrialResult& result : done.trials)
    trials.push_back(result.trial);
  return trials;
}

TEST(SearchSchedule, ProbesEveryCellThenLaunchesThemBesideTheReference) {
  const Plan plan = PlanWith(4);
  const auto trials = TrialsIn(RunWith(plan, Noisy({1, 1, 2, 3, 4}, 1)));
  std::set<int> probed;
  for (size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(trials[i].role, TrialRole::kProbe);
    probed.insert(trials[i].cell_index);
  }
  EXPECT_EQ(probed, (std::set<int>{0, 1, 2, 3, 4}));
  EXPECT_EQ(trials[5], (Trial{0, 0, TrialRole::kReference}));
  for (const Trial& trial : trials) {
    if (trial.role == TrialRole::kReference) {
      EXPECT_EQ(trial.cell_index, 0);
    }
  }
}

TEST(SearchSchedule, FindsTheFastestUnderNoiseAndDrift) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const Done done = RunWith(PlanWith(5), Noisy({100, 95, 170, 220, 250, 225}, seed));
    EXPECT_EQ(done.found.result.choice, 4) << seed;
    EXPECT_EQ(done.found.cells[4], 4);
    EXPECT_TRUE(done.found.ended);
    EXPECT_EQ(done.found.expected, static_cast<int64_t>(done.trials.size()));
    EXPECT_THAT(done.found.result.sentence, HasSubstr("processes/w4/t1/compact/c8/shm"));
  }
}

TEST(SearchSchedule, CanFindThatNothingBeatsOneProcess) {
  const Done done = RunWith(PlanWith(2), Noisy({100, 80, 70}, 1));
  EXPECT_EQ(done.found.result.choice, 0);
  EXPECT_EQ(done.found.plan.names[0], "serial/w1/t1/compact/c8");
}

TEST(SearchSchedule, NeverLaunchesACellAgainThatGaveWrongAnswers) {
  const Done done = RunWith(PlanWith(3), [noisy = Noisy({100, 90, 300, 200}, 2)](
                                             const Plan& plan, const Trial& trial) mutable {
    if (trial.cell_index == 2) return BadMeasurement(Outcome::kIncorrect, "3 answers differ");
    return noisy(plan, trial);
  });
  EXPECT_EQ(done.found.result.choice, 3);
  EXPECT_EQ(done.found.result.cells[2].fate, CellFate::kFailed);
  EXPECT_EQ(done.found.result.cells[2].why, "incorrect: 3 answers differ");
  int launches = 0;
  for (const TrialResult& result : done.trials)
    launches += result.trial.cell_index == 2 ? 1 : 0;
  EXPECT_EQ(launches, 1);
}

TEST(SearchSchedule, TakesALaunchWithoutItemsInItsWindowForAFailureButNotAProbe) {
  const auto none = [](int cell, TrialRole role) {
    return [=, noisy = Noisy({100, 90, 200}, 2)](const Plan& plan, const Trial& trial) mutable {
      auto measurement = noisy(plan, trial);
      if (trial.cell_index == cell && trial.role == role) measurement.items_in_window = 0;
      return measurement;
    };
  };
  EXPECT_EQ(RunWith(PlanWith(2), none(2, TrialRole::kProbe)).found.result.choice, 2);
  const Done done = RunWith(PlanWith(2), none(2, TrialRole::kCell));
  EXPECT_EQ(done.found.result.choice, 0);
  EXPECT_THAT(done.found.result.cells[2].why, HasSubstr("lengthen --window-s"));
}

TEST(SearchSchedule, LeavesTheSurvivorsWhenItIsStopped) {
  const Done done = RunWith(PlanWith(4), Noisy({100, 95, 170, 220, 250}, 1), 25);
  const SearchResult& result = done.found.result;
  EXPECT_EQ(done.trials.size(), 25u);
  EXPECT_TRUE(done.found.ended);
  EXPECT_EQ(done.found.expected, 25);
  EXPECT_EQ(result.end, SearchEnd::kSurvivors);
  EXPECT_GT(result.survivors.size(), 1u);
  EXPECT_THAT(result.sentence, HasSubstr("ended by the time budget of 60 s"));
}

TEST(SearchSchedule, AsksForTheSameWhenToldTheSame) {
  const Plan plan = PlanWith(4);
  const Done once = RunWith(plan, Noisy({100, 95, 170, 220, 250}, 5));
  EXPECT_EQ(TrialsIn(once), TrialsIn(RunWith(plan, Noisy({100, 95, 170, 220, 250}, 5))));
  // An interrupted sweep goes on by telling a new schedule what is there.
  SearchSchedule again(plan);
  for (const TrialResult& result : once.trials) {
    ASSERT_EQ(again.Next(), result.trial);
    again.Add(result);
  }
  EXPECT_FALSE(again.Next());
  EXPECT_EQ(again.Found()->result.sentence, once.found.result.sentence);
}

TEST(SearchSchedule, OfModeAllMeasuresEveryCellAsOftenAsItHasRepetitions) {
  Plan plan = PlanWith(3, SearchMode::kAll);
  plan.config.repetitions = 7;
  const Done done = RunWith(plan, Noisy({100, 95, 170, 220}, 1));
  std::vector<int> launches(4);
  for (const TrialResult& result : done.trials)
    if (result.trial.role == TrialRole::kCell)
      ++launches[static_cast<size_t>(result.trial.cell_index)];
  EXPECT_EQ(launches, (std::vector<int>{7, 7, 7, 7}));
  EXPECT_EQ(done.found.result.end, SearchEnd::kSurvivors);
}

TEST(SearchSchedule, OfModeCertifiedPrintsItsGuarantee) {
  const Done done =
      RunWith(PlanWith(4, SearchMode::kCertified), Noisy({100, 95, 170, 220, 250}, 3));
  EXPECT_THAT(done.found.result.guarantee, HasSubstr("With probability at least 95.0 %"));
}

TEST(SearchSchedule, PrefersFewerWorkersThenThreadsThenMemory) {
  example::SweepBuilder builder;
  builder.AddCell(MakeCell(Mode::kProcesses, 2, 1));
  builder.AddCell(MakeCell(Mode::kThreads, 2, 1));
  builder.AddCell(MakeCell(Mode::kProcesses, 1, 2));
  builder.AddCell(MakeCell(Mode::kSerial, 1, 2));
  builder.AddCell(MakeCell(Mode::kSerial, 1, 1));
  builder.AddCell(MakeCell(Mode::kIndependent, 1, 1));
  Cell small = MakeCell(Mode::kProcesses, 2, 1);
  small.chunk = 1;
  builder.AddCell(small);
  Plan plan = builder.sweep().plan;
  plan.config.search = SearchMode::kQuick;
  const SearchSchedule schedule(plan);
  const SweepSearch& search = *schedule.Found();
  EXPECT_EQ(search.cells, (std::vector<int>{0, 1, 2, 3, 4, 6}));  // no independent
  EXPECT_EQ(search.plan.rank, (std::vector<int>{5, 3, 2, 1, 0, 4}));
  EXPECT_EQ(search.reference, 4);
}

TEST(SearchSchedule, TakesForTheDefaultWhatOneWouldTakeWithoutMeasuring) {
  example::SweepBuilder builder;
  const auto add = [&builder](Mode mode, int workers, int threads, const char* placement,
                              bool oversubscribed = false) {
    Cell cell = MakeCell(mode, workers, threads);
    cell.placement = placement;
    return builder.AddCell(cell, oversubscribed);
  };
  add(Mode::kSerial, 1, 1, "none");
  add(Mode::kThreads, 4, 1, "none");
  add(Mode::kProcesses, 1, 1, "none");
  add(Mode::kProcesses, 4, 1, "compact");
  add(Mode::kProcesses, 2, 2, "none");
  const int wanted = add(Mode::kProcesses, 4, 1, "none");
  add(Mode::kProcesses, 8, 1, "none", true);
  Plan plan = builder.sweep().plan;
  plan.config.search = SearchMode::kQuick;
  EXPECT_EQ(SearchSchedule(plan).Found()->plan.default_cell, wanted);
}

TEST(SearchSchedule, NeedsASerialCell) {
  example::SweepBuilder builder;
  builder.AddCell(MakeCell(Mode::kProcesses, 2));
  builder.sweep().plan.config.search = SearchMode::kQuick;
  EXPECT_THROW(SearchSchedule{builder.sweep().plan}, UsageError);
}

TEST(MakeSchedule, IsTheListOfThePlanUnlessItSearches) {
  Plan plan = PlanWith(2);
  EXPECT_NE(MakeSchedule(plan)->Found(), nullptr);
  plan.config.search.reset();
  plan.trials = {{1, 0}, {0, 0}};
  const auto list = MakeSchedule(plan);
  EXPECT_EQ(list->Found(), nullptr);
  EXPECT_EQ(list->Next(), (Trial{1, 0}));
  EXPECT_EQ(list->Expected(), 2);
}

}  // namespace
}  // namespace coresweep
