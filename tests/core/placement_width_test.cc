#include "harness/core/placement_width.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/core/placement_machines.h"

namespace coresweep {
namespace {

using testing::Each;
using testing::ElementsAre;

/// Two L3s of four cores of two PUs.
Topology TwoCaches() {
  return Synthetic("package:1 l3:2 core:4 pu:2");
}

TEST(WidthCore, GivesThreadsTheirWholeCores) {
  const Placement placement = MustPlace("compact", TwoCaches(), {2, 2, Width::kCore});
  EXPECT_THAT(Lists(placement), ElementsAre("0-3", "4-7"));
  EXPECT_THAT(ThreadLists(placement.workers[0]), ElementsAre("0-1", "2-3"));
}

TEST(WidthCore, LetsThreadsOfACoreShareIt) {
  const Placement placement = MustPlace("smt", TwoCaches(), {1, 2, Width::kCore});
  EXPECT_THAT(ThreadLists(placement.workers[0]), ElementsAre("0-1", "0-1"));
  EXPECT_FALSE(placement.oversubscribed);
}

TEST(WidthCore, DividesTheRestOfASharedCore) {
  const Topology topology = Synthetic("package:1 core:1 pu:5");
  EXPECT_THAT(Lists("compact", topology, 2, 1, Width::kCore), ElementsAre("0,2,4", "1,3"));
  EXPECT_THAT(Lists("compact", topology, 6, 1, Width::kCore),
              ElementsAre("0", "1", "2", "3", "4", "0"));
}

TEST(WidthCore, LeavesNoSmtOnePuACore) {
  EXPECT_THAT(Lists("nosmt", TwoCaches(), 1, 2, Width::kCore), ElementsAre("0,2"));
}

TEST(WidthCore, AddsSiblingsThatAListDoesNotName) {
  EXPECT_THAT(Lists("list:2,4", TwoCaches(), 1, 1, Width::kCore), ElementsAre("2-3"));
  EXPECT_THAT(Lists("list:2,3", TwoCaches(), 2, 1, Width::kCore), ElementsAre("2", "3"));
}

TEST(WidthObject, GivesAWorkerItsObjectInWhichThreadsMove) {
  const Placement placement = MustPlace("l3", TwoCaches(), {1, 2, Width::kObject});
  EXPECT_THAT(Lists(placement), ElementsAre("0-7"));
  EXPECT_THAT(ThreadLists(placement.workers[0]), Each("0-7"));
  EXPECT_THAT(Lists("package", TwoCaches(), 1, 1, Width::kObject), ElementsAre("0-15"));
}

TEST(WidthObject, DividesAnObjectAmongItsWorkers) {
  EXPECT_THAT(Lists("l3", TwoCaches(), 3, 1, Width::kObject),
              ElementsAre("0-1,4-5", "8-15", "2-3,6-7"));
  EXPECT_THAT(Lists("compact", TwoCaches(), 2, 1, Width::kObject),
              ElementsAre("0-1,4-5", "2-3,6-7"));
  EXPECT_THAT(Lists("compact", TwoCaches(), 3, 1, Width::kObject),
              ElementsAre("0-1,6-7", "2-3", "4-5"));
}

TEST(WidthObject, GivesTheNearestCoresFirst) {
  const Topology topology = Synthetic("package:1 l3:1 l2:2 core:2 pu:1");
  EXPECT_THAT(Lists("scatter", topology, 2, 1, Width::kObject), ElementsAre("0-1", "2-3"));
}

TEST(WidthObject, IsAllObjectsThatAWorkerReaches) {
  EXPECT_THAT(Lists("l3", TwoCaches(), 1, 5, Width::kObject), ElementsAre("0-15"));
}

TEST(WidthObject, IsTheSharedCacheOfPoliciesWithoutAnObject) {
  EXPECT_THAT(Lists("compact", TwoCaches(), 1, 1, Width::kObject), ElementsAre("0-7"));
  EXPECT_THAT(Lists("compact", Synthetic("package:2 l2:2 core:2 pu:1"), 1, 1, Width::kObject),
              ElementsAre("0-1"));
  Topology topology;  // an L2 for each core: not shared
  for (int cpu = 0; cpu < 4; ++cpu) {
    topology.pus.push_back({cpu, cpu, -1, cpu, cpu / 2});
    topology.pus.back().l2 = cpu;
  }
  EXPECT_THAT(Lists("compact", topology, 1, 1, Width::kObject), ElementsAre("0"));
  for (Pu& pu : topology.pus)
    pu.numa_node = -1;
  EXPECT_THAT(Lists("smt", topology, 1, 1, Width::kObject), ElementsAre("0-1"));
  for (Pu& pu : topology.pus)
    pu.package = -1;
  EXPECT_THAT(Lists("smt", topology, 1, 1, Width::kObject), ElementsAre("0-3"));
}

TEST(WidthObject, KeepsToTheKindOfCoreAndToOnePuForNoSmt) {
  EXPECT_THAT(Lists("pcore", Hybrid(), 1, 1, Width::kObject), ElementsAre("0-11"));
  EXPECT_THAT(Lists("ecore", Hybrid(), 1, 1, Width::kObject), ElementsAre("12-19"));
  EXPECT_THAT(Lists("nosmt", TwoCaches(), 1, 1, Width::kObject), ElementsAre("0,2,4,6"));
}

TEST(WidthObject, IsTheSectionOfAList) {
  EXPECT_THAT(Lists("list:0,2|9,4", TwoCaches(), 2, 1, Width::kObject), ElementsAre("0,2", "4,9"));
  EXPECT_THAT(Lists("mask:0xf", TwoCaches(), 2, 1, Width::kObject), ElementsAre("0-1", "2-3"));
  // A core that two sections divide stays divided.
  EXPECT_THAT(Lists("list:0|1-2", TwoCaches(), 2, 1, Width::kObject), ElementsAre("0", "1-2"));
}

TEST(Widths, AllDiffer) {
  for (const char* policy : {"compact", "scatter", "smt", "l3", "numa", "ppr:1:l3", "list:0,9"}) {
    const auto pu = Lists(policy, TwoCaches(), 1, 1, Width::kPu);
    const auto core = Lists(policy, TwoCaches(), 1, 1, Width::kCore);
    const auto object = Lists(policy, TwoCaches(), 1, 1, Width::kObject);
    EXPECT_NE(pu, core) << policy;
    EXPECT_NE(core, object) << policy;
    EXPECT_NE(pu, object) << policy;
  }
}

}  // namespace
}  // namespace coresweep
