#include "harness/core/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace coresweep {
namespace {

/// A flat machine of `cpus` cores.
HostFacts Machine(int cpus) {
  HostFacts facts;
  for (int i = 0; i < cpus; ++i) {
    facts.allowed.Add(i);
    facts.topology.pus.push_back({i, i, 0, 0, 0});
  }
  facts.topology.cores = cpus;
  return facts;
}

SweepConfig Config(std::vector<int> workers, std::vector<int> threads) {
  SweepConfig config;
  config.workload.name = "null";
  config.workers = {false, std::move(workers)};
  config.threads = {false, std::move(threads)};
  config.reference_every = 0;  // what the plan makes of the cells alone
  return config;
}

int CountOf(const Plan& plan, const Cell& cell) {
  return static_cast<int>(
      std::count_if(plan.cells.begin(), plan.cells.end(),
                    [&](const PlannedCell& planned) { return planned.cell == cell; }));
}

std::vector<int> IndicesOf(const Plan& plan, int repetition) {
  std::vector<int> indices;
  for (const Trial& trial : plan.trials) {
    if (trial.repetition == repetition) indices.push_back(trial.cell_index);
  }
  return indices;
}

TEST(AutoCounts, ArePowersOfTwoThreeQuartersAllButOneAndAll) {
  using Counts = std::vector<int>;
  EXPECT_EQ(AutoCounts(1), (Counts{1}));
  EXPECT_EQ(AutoCounts(2), (Counts{1, 2}));
  EXPECT_EQ(AutoCounts(3), (Counts{1, 2, 3}));
  EXPECT_EQ(AutoCounts(4), (Counts{1, 2, 3, 4}));
  EXPECT_EQ(AutoCounts(5), (Counts{1, 2, 3, 4, 5}));
  EXPECT_EQ(AutoCounts(6), (Counts{1, 2, 4, 5, 6}));
  EXPECT_EQ(AutoCounts(7), (Counts{1, 2, 4, 5, 6, 7}));
  EXPECT_EQ(AutoCounts(8), (Counts{1, 2, 4, 6, 7, 8}));
  EXPECT_EQ(AutoCounts(96), (Counts{1, 2, 4, 8, 16, 32, 64, 72, 95, 96}));
}

TEST(Plan, HasTheCrossProductOfTheAxes) {
  SweepConfig config = Config({1, 2}, {1});
  config.modes = {Mode::kProcesses, Mode::kThreads};
  config.transports = {"pipe", "shm"};
  const Plan plan = MakePlan(config, Machine(4));
  // For each of 2 placements × 2 chunks: 1 serial, 2 independent, 2 × 2 processes, 2 threads.
  EXPECT_EQ(plan.cells.size(), 4u * (1 + 2 + 4 + 2));
  EXPECT_EQ(CountOf(plan, {Mode::kProcesses, 2, 1, "compact", 8, "pipe"}), 1);
  EXPECT_EQ(CountOf(plan, {Mode::kThreads, 1, 1, "none", 1, "none"}), 1);
  EXPECT_TRUE(plan.skipped.empty());
}

TEST(Plan, HasEachCellOnceAlsoWhenControlsAreAskedFor) {
  SweepConfig config = Config({1, 2}, {1, 2});
  config.modes = {Mode::kSerial, Mode::kProcesses, Mode::kIndependent};
  const Plan plan = MakePlan(config, Machine(4));
  std::set<Cell> cells;
  for (const PlannedCell& planned : plan.cells)
    EXPECT_TRUE(cells.insert(planned.cell).second) << planned.cell.Id();
}

TEST(Plan, EveryCellHasItsControls) {
  SweepConfig config = Config({1, 2, 4}, {1, 2});
  config.modes = {Mode::kProcesses, Mode::kThreads};
  const Plan plan = MakePlan(config, Machine(8));
  for (size_t i = 0; i < plan.cells.size(); ++i) {
    const Cell& cell = plan.cells[i].cell;
    for (const Mode mode : {Mode::kSerial, Mode::kIndependent}) {
      const int control = ControlIndex(plan, static_cast<int>(i), mode);
      ASSERT_GE(control, 0) << cell.Id();
      EXPECT_EQ(plan.cells[static_cast<size_t>(control)].cell, ControlOf(cell, mode));
      EXPECT_EQ(CountOf(plan, ControlOf(cell, mode)), 1);
    }
  }
}

TEST(Plan, ASweepOfSerialAloneNeedsNoIndependent) {
  SweepConfig config = Config({1, 2}, {1});
  config.modes = {Mode::kSerial};
  const Plan plan = MakePlan(config, Machine(4));
  EXPECT_EQ(plan.cells.size(), 4u);  // 2 placements × 2 chunks
  EXPECT_EQ(ControlIndex(plan, 0, Mode::kSerial), 0);
  EXPECT_EQ(ControlIndex(plan, 0, Mode::kIndependent), -1);
}

TEST(Plan, CellsComeWithTheirPlacement) {
  SweepConfig config = Config({2}, {1});
  config.placements = {"compact"};
  const Plan plan = MakePlan(config, Machine(4));
  for (const PlannedCell& planned : plan.cells) {
    ASSERT_EQ(planned.placement.workers.size(), static_cast<size_t>(planned.cell.workers));
    EXPECT_EQ(planned.placement.workers[0].cpus.Count(), 1);
  }
}

TEST(Plan, WidthsAndPlacesOfTheDispatcherAreAxes) {
  SweepConfig config = Config({1}, {1});
  config.placements = {"compact", "none"};
  config.chunks = {1};
  config.widths = {Width::kPu, Width::kObject};
  config.dispatchers = {DispatcherPlace::kUnpinned, DispatcherPlace::kOwn};
  const Plan plan = MakePlan(config, Machine(4));
  const auto count = [&plan](Mode mode, std::string_view placement) {
    return std::count_if(plan.cells.begin(), plan.cells.end(), [&](const PlannedCell& planned) {
      return planned.cell.mode == mode && planned.cell.placement == placement;
    });
  };
  EXPECT_EQ(count(Mode::kProcesses, "compact"), 4);
  EXPECT_EQ(count(Mode::kProcesses, "none"), 2);  // which does not look at the width
  EXPECT_EQ(count(Mode::kSerial, "compact"), 2);  // which has no dispatcher
  EXPECT_EQ(count(Mode::kSerial, "none"), 1);
}

std::vector<std::string> ProcessIds(const Plan& plan) {
  std::vector<std::string> ids;
  for (const PlannedCell& planned : plan.cells) {
    if (planned.cell.mode == Mode::kProcesses) ids.push_back(planned.cell.Id());
  }
  return ids;
}

SweepConfig OneShape() {
  SweepConfig config = Config({1}, {1});
  config.placements = {"none"};
  config.chunks = {1};
  return config;
}

TEST(Plan, DispatchCreditAndWaitAreAxesOfProcessesAlone) {
  SweepConfig config = OneShape();
  config.modes = {Mode::kProcesses, Mode::kThreads};
  config.dispatches = {Dispatch::kDynamic, Dispatch::kStatic};
  config.credits = {0, 4};
  config.waits = {Wait::kAdaptive, Wait::kSpin};
  const Plan plan = MakePlan(config, Machine(4));
  const std::string start = "processes/w1/t1/none/c1/shm";
  EXPECT_THAT(
      ProcessIds(plan),
      testing::ElementsAre(start, start + "/spin", start + "/credit4", start + "/credit4/spin",
                           start + "/static", start + "/static/spin", start + "/static/credit4",
                           start + "/static/credit4/spin"));
  EXPECT_EQ(plan.cells.size(), 8u + 3);  // threads and the two controls come once
}

TEST(Plan, CellsThatPullComeOnceForAllCredits) {
  SweepConfig config = OneShape();
  config.dispatches = {Dispatch::kPull, Dispatch::kDynamic};
  config.credits = {2, 8};
  const std::string start = "processes/w1/t1/none/c1/shm";
  EXPECT_THAT(ProcessIds(MakePlan(config, Machine(4))),
              testing::ElementsAre(start + "/pull", start + "/credit2", start + "/credit8"));
}

TEST(Plan, PullWithoutSharedMemoryIsASkippedCellWithTheReason) {
  SweepConfig config = OneShape();
  config.transports = {"pipe", "shm"};
  config.dispatches = {Dispatch::kPull};
  config.waits = {Wait::kAdaptive, Wait::kBlock};
  const Plan plan = MakePlan(config, Machine(4));
  ASSERT_EQ(plan.skipped.size(), 2u);
  for (const SkippedCell& skipped : plan.skipped) {
    EXPECT_EQ(skipped.cell.transport, "pipe");
    EXPECT_EQ(skipped.reason, "dispatch pull needs shared memory: use transport shm or shm_loan");
  }
  EXPECT_EQ(ProcessIds(plan).size(), 2u);
}

TEST(Plan, ControlsOfCellsThatCannotBeAreNotMeasured) {
  SweepConfig config = OneShape();
  config.transports = {"pipe"};
  config.dispatches = {Dispatch::kPull};
  EXPECT_TRUE(MakePlan(config, Machine(4)).cells.empty());
}

TEST(Plan, SpinningIsKeptAlsoWhereCpusAreShared) {
  SweepConfig config = OneShape();
  config.workers.values = {4};
  config.waits = {Wait::kSpin};
  const Plan plan = MakePlan(config, Machine(2));
  EXPECT_EQ(ProcessIds(plan).size(), 1u);
  EXPECT_TRUE(plan.skipped.empty());
}

TEST(Plan, APolicyThatCannotBeFollowedIsASkippedCellWithTheReason) {
  SweepConfig config = Config({1}, {1});
  config.placements = {"compact", "ecore"};
  const Plan plan = MakePlan(config, Machine(4));
  ASSERT_FALSE(plan.skipped.empty());
  for (const SkippedCell& skipped : plan.skipped) {
    EXPECT_EQ(skipped.cell.placement, "ecore");
    EXPECT_THAT(skipped.reason, testing::HasSubstr("efficiency cores"));
  }
  for (const PlannedCell& planned : plan.cells)
    EXPECT_EQ(planned.cell.placement, "compact");
}

TEST(Plan, AutoIsResolvedFromWhatASpinTestGot) {
  SweepConfig config = Config({}, {1});
  config.workers = {true, {}};
  HostFacts facts = Machine(8);
  facts.measured = MeasuredCpus{3.95, 0.5, 8};
  EXPECT_EQ(MakePlan(config, facts).config.workers.values, AutoCounts(4));
  facts.measured->cpus = 7.8;  // noise is no limit
  EXPECT_EQ(MakePlan(config, facts).config.workers.values, AutoCounts(8));
}

TEST(Plan, AutoIsResolvedFromAQuotaRoundedDownAndTheNextWholeNumber) {
  HostFacts facts = Machine(8);
  facts.cpu_quota = Limit<double>{3.7, "cpu.max"};
  SweepConfig config = Config({}, {1});
  config.workers.automatic = true;
  const Plan plan = MakePlan(config, facts);
  EXPECT_FALSE(plan.config.workers.automatic);
  EXPECT_EQ(plan.config.workers.values, (std::vector<int>{1, 2, 3, 4}));
  EXPECT_TRUE(plan.skipped.empty());
  facts.cpu_quota->value = 3;
  EXPECT_EQ(MakePlan(config, facts).config.workers.values, (std::vector<int>{1, 2, 3}));
}

TEST(Plan, AutoCombinationsBeyondTheUsableCpusAreSkippedWithTheBindingLimit) {
  HostFacts facts = Machine(8);
  facts.cpu_quota = Limit<double>{2, "/sys/fs/cgroup/cpu.max"};
  SweepConfig config = Config({}, {});
  config.workers.automatic = config.threads.automatic = true;
  config.placements = {"none"};
  config.chunks = {1};
  const Plan plan = MakePlan(config, facts);
  for (const PlannedCell& planned : plan.cells)
    EXPECT_LE(planned.cell.Parallelism(), 2) << planned.cell.Id();
  // w2/t2 of `processes` and its independent control; its serial control, w1/t2, fits.
  ASSERT_EQ(plan.skipped.size(), 2u);
  for (const SkippedCell& skipped : plan.skipped) {
    EXPECT_EQ(skipped.cell.workers * skipped.cell.threads, 4);
    EXPECT_THAT(skipped.reason, testing::HasSubstr("quota of 2 CPUs (/sys/fs/cgroup/cpu.max)"));
    EXPECT_THAT(skipped.reason, testing::HasSubstr("2 workers × 2 threads"));
  }
}

TEST(Plan, CombinationsOfAutoWithNumbersAreSkippedToo) {
  SweepConfig config = Config({}, {2});
  config.workers.automatic = true;
  const Plan plan = MakePlan(config, Machine(2));
  for (const PlannedCell& planned : plan.cells)
    EXPECT_LE(planned.cell.Parallelism(), 2);
  EXPECT_FALSE(plan.skipped.empty());
}

TEST(Plan, ExplicitOversubscriptionIsKeptAndFlagged) {
  SweepConfig config = Config({4}, {1});
  config.placements = {"compact"};
  config.chunks = {1};
  const Plan plan = MakePlan(config, Machine(2));
  EXPECT_TRUE(plan.skipped.empty());
  ASSERT_EQ(plan.cells.size(), 3u);
  for (const PlannedCell& planned : plan.cells) {
    EXPECT_EQ(planned.placement.oversubscribed, planned.cell.workers == 4) << planned.cell.Id();
  }
}

TEST(Plan, EachRepetitionIsAPermutationOfAllCells) {
  SweepConfig config = Config({1, 2, 3}, {1, 2});
  config.repetitions = 4;
  const Plan plan = MakePlan(config, Machine(8));
  ASSERT_EQ(plan.trials.size(), 4 * plan.cells.size());
  for (size_t i = 0; i < plan.trials.size(); ++i) {
    EXPECT_EQ(plan.trials[i].repetition, static_cast<int>(i / plan.cells.size()));
  }
  for (int repetition = 0; repetition < 4; ++repetition) {
    std::vector<int> indices = IndicesOf(plan, repetition);
    std::sort(indices.begin(), indices.end());
    for (size_t i = 0; i < indices.size(); ++i)
      ASSERT_EQ(indices[i], static_cast<int>(i));
  }
  EXPECT_NE(IndicesOf(plan, 0), IndicesOf(plan, 1));
}

TEST(Plan, TheSeedAloneDecidesTheOrder) {
  SweepConfig config = Config({1, 2, 3}, {1, 2});
  const auto order = [&](uint64_t seed) {
    config.seed = seed;
    const Plan plan = MakePlan(config, Machine(8));
    std::vector<int> all;
    for (const Trial& trial : plan.trials)
      all.push_back(trial.cell_index);
    return all;
  };
  EXPECT_EQ(order(7), order(7));
  EXPECT_NE(order(7), order(8));
}

TEST(Plan, OrderOfASeedIsTheSameOnEveryPlatform) {
  SweepConfig config = Config({1, 2}, {1});
  config.placements = {"none"};
  config.repetitions = 1;
  const Plan plan = MakePlan(config, Machine(2));
  EXPECT_EQ(IndicesOf(plan, 0), (std::vector<int>{4, 2, 8, 1, 9, 3, 0, 6, 7, 5}));
}

TEST(Plan, EveryCellCanComeFirst) {
  SweepConfig config = Config({1}, {1});
  config.placements = {"none"};
  config.chunks = {1};
  config.repetitions = 1;
  std::set<int> first;
  for (config.seed = 0; config.seed < 64; ++config.seed)
    first.insert(MakePlan(config, Machine(2)).trials.front().cell_index);
  EXPECT_EQ(first, (std::set<int>{0, 1, 2}));
}

TEST(SkipCells, MovesCellsWithAReasonAndMakesTheTrialsAnew) {
  SweepConfig config = Config({1, 2}, {1});
  config.repetitions = 2;
  Plan plan = MakePlan(config, Machine(4));
  const size_t before = plan.cells.size();
  const double seconds_before = plan.estimated_s;
  SkipCells(plan, [](const PlannedCell& planned) {
    return planned.cell.chunk == 8 ? "refuses chunks of 8" : "";
  });
  EXPECT_EQ(plan.cells.size(), before / 2);
  EXPECT_EQ(plan.skipped.size(), before / 2);
  for (const SkippedCell& skipped : plan.skipped) {
    EXPECT_EQ(skipped.cell.chunk, 8);
    EXPECT_EQ(skipped.reason, "refuses chunks of 8");
  }
  ASSERT_EQ(plan.trials.size(), 2 * plan.cells.size());
  for (const Trial& trial : plan.trials)
    EXPECT_LT(trial.cell_index, static_cast<int>(plan.cells.size()));
  EXPECT_NEAR(plan.estimated_s, seconds_before / 2, 1e-9);
}

TEST(SkipCells, ACellWhoseControlGoesStays) {
  SweepConfig config = Config({2}, {1});
  config.placements = {"none"};
  config.chunks = {1};
  Plan plan = MakePlan(config, Machine(4));
  SkipCells(plan, [](const PlannedCell& planned) {
    return planned.cell.mode == Mode::kIndependent ? "no" : "";
  });
  ASSERT_EQ(plan.cells.size(), 2u);
  EXPECT_EQ(plan.cells[1].cell.mode, Mode::kProcesses);
  EXPECT_EQ(ControlIndex(plan, 1, Mode::kSerial), 0);
  EXPECT_EQ(ControlIndex(plan, 1, Mode::kIndependent), -1);
}

TEST(SkipCells, LeavesAPlanWithoutTrialsWhenAllCellsGo) {
  Plan plan = MakePlan(Config({1}, {1}), Machine(1));
  SkipCells(plan, [](const PlannedCell&) { return "no"; });
  EXPECT_TRUE(plan.cells.empty());
  EXPECT_TRUE(plan.trials.empty());
  EXPECT_EQ(plan.estimated_s, 0);
}

TEST(EstimateSeconds, GrowsWithWindowWarmupAndTrials) {
  Plan plan = MakePlan(Config({1}, {1}), Machine(1));
  const auto trials = static_cast<double>(plan.trials.size());
  const double before = EstimateSeconds(plan);
  EXPECT_GT(before, trials * (plan.config.window_s + plan.config.warmup_s));
  plan.config.window_s += 2;
  plan.config.warmup_s += 1;
  EXPECT_NEAR(EstimateSeconds(plan), before + 3 * trials, 1e-9);
}

constexpr Trial Reference(int cell, int repetition) {
  return {cell, repetition, TrialRole::kReference};
}

TEST(WithReferences, StandBeforeTheFirstAfterEveryNthAndAfterTheLast) {
  const std::vector<Trial> trials{{1, 0}, {2, 0}, {3, 0}, {1, 1}, {2, 1}};
  EXPECT_EQ(WithReferences(trials, 7, 2), (std::vector<Trial>{Reference(7, 0),
                                                              {1, 0},
                                                              {2, 0},
                                                              Reference(7, 0),
                                                              {3, 0},
                                                              {1, 1},
                                                              Reference(7, 1),
                                                              {2, 1},
                                                              Reference(7, 1)}));
}

TEST(WithReferences, AreNoneForEveryZeroWithoutACellForThemAndWithoutTrials) {
  const std::vector<Trial> trials{{1, 0}, {2, 0}};
  EXPECT_EQ(WithReferences(trials, 7, 0), trials);
  EXPECT_EQ(WithReferences(trials, -1, 2), trials);
  EXPECT_TRUE(WithReferences({}, 7, 2).empty());
}

TEST(WithReferences, DoNotStandTwiceAtTheEnd) {
  EXPECT_EQ(WithReferences({{1, 0}, {2, 0}}, 7, 2),
            (std::vector<Trial>{Reference(7, 0), {1, 0}, {2, 0}, Reference(7, 0)}));
}

TEST(ReferenceCell, IsTheSerialControlWithTheFewestThreadsTheFirstOfSeveral) {
  const Plan plan = MakePlan(Config({2}, {2, 1}), Machine(4));
  const Cell& cell = plan.cells[static_cast<size_t>(ReferenceCell(plan))].cell;
  EXPECT_EQ(cell, (Cell{Mode::kSerial, 1, 1, plan.config.placements[0], plan.config.chunks[0]}));
  Plan without = plan;
  SkipCells(without, [](const PlannedCell& planned) {
    return planned.cell.mode == Mode::kSerial ? "no" : "";
  });
  EXPECT_EQ(ReferenceCell(without), -1);
}

TEST(Plan, LaunchesTheReferenceEveryFourLaunchesOfCells) {
  SweepConfig config = Config({1, 2}, {1});
  config.reference_every = SweepConfig{}.reference_every;
  const Plan plan = MakePlan(config, Machine(4));
  const int reference = ReferenceCell(plan);
  EXPECT_EQ(plan.trials.front(), Reference(reference, 0));
  EXPECT_EQ(plan.trials.back(), Reference(reference, config.repetitions - 1));
  int between = 0;
  for (const Trial& trial : plan.trials) {
    between = trial.role == TrialRole::kReference ? 0 : between + 1;
    EXPECT_LE(between, 4);
  }
  const size_t cells = plan.cells.size() * static_cast<size_t>(config.repetitions);
  EXPECT_EQ(plan.trials.size(), cells + (cells + 3) / 4 + 1);
  config.reference_every = 0;
  EXPECT_GT(plan.estimated_s, MakePlan(config, Machine(4)).estimated_s);
}

TEST(Plan, OfASearchHasNoListAndNoCellThatCannotBeChosen) {
  SweepConfig config = Config({1, 2}, {1});
  config.modes = {Mode::kProcesses, Mode::kIndependent};
  config.reference_every = 4;
  config.search = SearchMode::kQuick;
  const Plan plan = MakePlan(config, Machine(4));
  EXPECT_TRUE(plan.trials.empty());
  for (const PlannedCell& planned : plan.cells)
    EXPECT_NE(planned.cell.mode, Mode::kIndependent);
  ASSERT_FALSE(plan.skipped.empty());
  EXPECT_EQ(plan.skipped[0].reason, "a search measures what can be chosen: use --search grid");
  EXPECT_GT(PlannedTrials(plan), static_cast<int64_t>(5 * plan.cells.size()));
  EXPECT_GT(plan.estimated_s, 0);
}

}  // namespace
}  // namespace coresweep
