#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "harness/core/plan.h"
#include "harness/core/repro.h"

namespace coresweep {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

HostFacts TwoCpus() {
  HostFacts facts;
  for (int i = 0; i < 2; ++i) {
    facts.allowed.Add(i);
    facts.topology.pus.push_back({i, i, 0, 0, 0});
  }
  facts.topology.cores = 2;
  return facts;
}

/// One shape under open load at these rates.
SweepConfig OpenConfig(std::vector<Rate> rates) {
  SweepConfig config;
  config.workload.name = "null";
  config.workers = {false, {2}};
  config.placements = {"none"};
  config.chunks = {1};
  config.open_load = true;
  config.rates = std::move(rates);
  return config;
}

std::vector<std::string> Ids(const Plan& plan) {
  std::vector<std::string> ids;
  for (const PlannedCell& planned : plan.cells)
    ids.push_back(planned.cell.Id());
  return ids;
}

TEST(PlanLoad, RatesAreAnAxisAndNeedNoControls) {
  const Plan plan = MakePlan(OpenConfig({{50, 0}, {0.5, 0}}), TwoCpus());
  EXPECT_THAT(Ids(plan),
              ElementsAre("processes/w2/t1/none/c1/shm/r50", "processes/w2/t1/none/c1/shm/r0.5"));
  EXPECT_EQ(ControlIndex(plan, 0, Mode::kSerial), -1);
}

TEST(PlanLoad, ArrivalsThatAreNotTheDefaultAreInTheId) {
  SweepConfig config = OpenConfig({{50, 0}});
  config.arrivals = Arrivals::kConstant;
  EXPECT_THAT(Ids(MakePlan(config, TwoCpus())),
              ElementsAre("processes/w2/t1/none/c1/shm/constant/r50"));
}

TEST(PlanLoad, SharesBringTheSameCellUnderClosedLoadWithItsControls) {
  const Plan plan = MakePlan(OpenConfig({{0, 0.5}, {0, 0.95}}), TwoCpus());
  EXPECT_THAT(Ids(plan),
              ElementsAre("serial/w1/t1/none/c1", "independent/w2/t1/none/c1",
                          "processes/w2/t1/none/c1/shm", "processes/w2/t1/none/c1/shm/r50%",
                          "processes/w2/t1/none/c1/shm/r95%"));
  EXPECT_EQ(ControlIndex(plan, 2, Mode::kSerial), 0);
  EXPECT_EQ(ControlIndex(plan, 3, Mode::kSerial), -1);
}

TEST(PlanLoad, SharesAreMeasuredOnceTheirClosedThroughputWas) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    SweepConfig config = OpenConfig({{0, 0.5}, {0, 0.95}});
    config.seed = seed;
    config.repetitions = 1;
    const Plan plan = MakePlan(config, TwoCpus());
    const auto position = [&plan](int cell) {
      return std::find(plan.trials.begin(), plan.trials.end(), Trial{cell, 0});
    };
    EXPECT_LT(position(2), position(3));
    EXPECT_LT(position(2), position(4));
  }
}

TEST(PlanLoad, CellsThatCannotHaveItAreSkippedOnceWithTheReason) {
  SweepConfig config = OpenConfig({{50, 0}, {0, 0.5}});
  config.modes = {Mode::kProcesses, Mode::kThreads, Mode::kSerial};
  config.dispatches = {Dispatch::kDynamic, Dispatch::kStatic, Dispatch::kGuided, Dispatch::kPull};
  const Plan plan = MakePlan(config, TwoCpus());
  std::vector<std::string> skipped;
  for (const SkippedCell& cell : plan.skipped)
    skipped.push_back(cell.cell.Id() + ": " + cell.reason);
  EXPECT_THAT(skipped, UnorderedElementsAre(
                           AllOf(HasSubstr("threads/w2"),
                                 HasSubstr("mode threads has not: use mode processes")),
                           AllOf(HasSubstr("serial/w1"), HasSubstr("mode serial has not")),
                           AllOf(HasSubstr("shm/static/r50%"), HasSubstr("use dispatch dynamic")),
                           HasSubstr("shm/guided/r50%"), HasSubstr("shm/pull/r50%")));
  // The closed twin of the one dispatch that can, and nothing of the others.
  EXPECT_THAT(Ids(plan), testing::Not(testing::Contains(HasSubstr("static"))));
}

TEST(PlanLoad, TimeIsEstimatedFromTheRequestsThatAWindowHolds) {
  SweepConfig config = OpenConfig({{2, 0}});  // 20 requests at 2/s: 10 s
  config.repetitions = 1;
  const double slow = EstimateSeconds(MakePlan(config, TwoCpus()));
  config.rates = {{2000, 0}};
  EXPECT_NEAR(slow - EstimateSeconds(MakePlan(config, TwoCpus())), 10 - config.window_s, 1e-9);
}

TEST(PlanLoad, ACommandForEachCellSaysItsLoad) {
  const SweepConfig config = OpenConfig({{50, 0}, {0, 0.8}});
  const Plan plan = MakePlan(config, TwoCpus());
  EXPECT_THAT(ReproCommand(config, plan.cells.back().cell),
              HasSubstr(" --load open --arrivals poisson --rate 80% "));
  EXPECT_THAT(ReproCommand(config, plan.cells.front().cell), testing::Not(HasSubstr("--load")));
}

}  // namespace
}  // namespace coresweep
