// Policies that send workers to objects: l2, l3, numa, package, ppr.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/core/placement_machines.h"

namespace coresweep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Two packages of two nodes of two L3s of two cores of two PUs: 64 bits of CPU number to spare.
Topology Deep() {
  return Synthetic("package:2 numa:2 l3:2 core:2 pu:2");
}

TEST(PlacementObjects, TakeWorkersInTurn) {
  EXPECT_THAT(Lists("l3", Deep(), 9, 1),
              ElementsAre("0", "4", "8", "12", "16", "20", "24", "28", "2"));
  EXPECT_THAT(Lists("numa", Deep(), 5, 1), ElementsAre("0", "8", "16", "24", "2"));
  EXPECT_THAT(Lists("package", Deep(), 3, 1), ElementsAre("0", "16", "2"));
  EXPECT_THAT(Lists("l2", Synthetic("package:1 l2:2 core:2 pu:1"), 3, 1),
              ElementsAre("0", "2", "1"));
}

TEST(PlacementObjects, GiveThreadsDifferentCoresOfTheObject) {
  EXPECT_THAT(Lists("numa", Deep(), 2, 3), ElementsAre("0,2,4", "8,10,12"));
  EXPECT_THAT(Lists("l3", Deep(), 8, 4),
              ElementsAre("0-3", "4-7", "8-11", "12-15", "16-19", "20-23", "24-27", "28-31"));
}

TEST(PlacementObjects, ReachForTheNearestCoresThatNobodyWillNeed) {
  // Worker 1 will come to the second cache, so the nearest spare one is the third.
  EXPECT_THAT(Lists("l3", Deep(), 2, 3), ElementsAre("0,2,8", "4,6,10"));
  EXPECT_THAT(Lists("l3", Deep(), 1, 3), ElementsAre("0,2,4"));
}

TEST(PlacementObjects, GoOnToTheNextWhenCoresRunOut) {
  // One core in the first cache, three in the second.
  Topology topology;
  topology.pus = {{0, 0, 0}, {1, 1, 1}, {2, 2, 1}, {3, 3, 1}};
  const Placement placement = MustPlace("l3", topology, {4, 1});
  EXPECT_THAT(Lists(placement), ElementsAre("0", "1", "2", "3"));
  EXPECT_THAT(placement.notes, ElementsAre(HasSubstr("1 workers sit outside")));
  EXPECT_THAT(Lists("l3", topology, 2, 2), ElementsAre("0-1", "2-3"));
}

TEST(PlacementObjects, TakeNoMoreCoresThanLeaveOthersWholeOnes) {
  // 13 threads need four of the 20 cores; an equal share of the second package would be five.
  const Topology topology = Synthetic("package:2 core:10 pu:4");
  EXPECT_FALSE(MustPlace("package", topology, {5, 13}).oversubscribed);
}

TEST(PlacementObjects, CountPusOutsideOfAnyAsOne) {
  Topology topology;
  topology.pus = {{0, 0, 0}, {1, 1, -1}, {2, 2, 0}, {3, 3, -1}};
  EXPECT_THAT(Lists("l3", topology, 2, 2), ElementsAre("0,2", "1,3"));
}

TEST(PlacementObjects, HaveStandIns) {
  Topology topology;
  for (int cpu = 0; cpu < 4; ++cpu)
    topology.pus.push_back({cpu, cpu, -1, cpu / 2, 0});
  Placement placement = MustPlace("l3", topology, {2, 1});
  EXPECT_THAT(Lists(placement), ElementsAre("0", "2"));
  EXPECT_THAT(placement.notes, ElementsAre("no L3 here: NUMA nodes instead"));
  placement = MustPlace("l2", topology, {2, 1});
  EXPECT_THAT(Lists(placement), ElementsAre("0", "1"));
  EXPECT_THAT(placement.notes, ElementsAre("no L2 here: cores instead"));
  for (Pu& pu : topology.pus) {
    pu.numa_node = -1;
    pu.package = pu.os_index / 2;
  }
  EXPECT_THAT(MustPlace("numa", topology, {2, 1}).notes,
              ElementsAre("no NUMA nodes here: packages instead"));
  EXPECT_THAT(MustPlace("l3", topology, {2, 1}).notes, ElementsAre("no L3 here: packages instead"));
  for (Pu& pu : topology.pus) {
    pu.package = -1;
    pu.die = pu.os_index / 2;
    pu.group = pu.os_index;
  }
  EXPECT_THAT(Lists("l3", topology, 2, 1), ElementsAre("0", "2"));
  EXPECT_THAT(MustPlace("ppr:2:package", topology, {2, 1}).notes,
              ElementsAre("no packages here: the whole machine instead"));
  // A stand-in that divides nothing is passed by.
  for (Pu& pu : topology.pus)
    pu.die = 0;
  EXPECT_THAT(MustPlace("l3", topology, {2, 1}).notes, ElementsAre("no L3 here: groups instead"));
}

TEST(PlacementObjects, NumberNodesByAppearanceNotByIndex) {
  Topology topology;  // nodes 8 and 0, as on machines whose nodes are sparse
  for (int cpu = 0; cpu < 4; ++cpu)
    topology.pus.push_back({cpu, cpu, -1, cpu < 2 ? 8 : 0, 0});
  EXPECT_THAT(Lists("numa", topology, 3, 1), ElementsAre("0", "2", "1"));
}

TEST(PlacementPpr, PutsConsecutiveWorkersOnEachObject) {
  EXPECT_THAT(Lists("ppr:2:l3", Deep(), 5, 1), ElementsAre("0", "2", "4", "6", "8"));
  EXPECT_THAT(Lists("ppr:1:l3", Deep(), 3, 1), ElementsAre("0", "4", "8"));
  EXPECT_THAT(Lists("ppr:3:package", Deep(), 4, 1), ElementsAre("0", "2", "4", "16"));
  EXPECT_THAT(Lists("ppr:2:numa", Deep(), 4, 2), ElementsAre("0,2", "4,6", "8,10", "12,14"));
}

TEST(PlacementPpr, RefusesMoreThanThereIsRoomFor) {
  std::string why_not;
  EXPECT_EQ(Place("ppr:2:numa", Deep(), {12, 1}, &why_not), std::nullopt);
  EXPECT_EQ(why_not,
            "ppr:2:numa has room for 8 workers on this machine (4 × 2), not for 12: raise N or use "
            "fewer workers");
  EXPECT_EQ(Place("ppr:1:pu", Deep(), {33, 1}, &why_not), std::nullopt);
  EXPECT_THAT(why_not, HasSubstr("32 workers"));
  EXPECT_NE(Place("ppr:1:pu", Deep(), {32, 1}, &why_not), std::nullopt);
  EXPECT_EQ(Place("ppr:1:machine", Deep(), {2, 1}, nullptr), std::nullopt);
}

TEST(PlacementPpr, SharesCoresOnlyWhenAllAreTaken) {
  const Topology topology = Synthetic("package:1 core:3 pu:2");
  EXPECT_THAT(Lists("ppr:2:core", topology, 3, 1), ElementsAre("0", "2", "4"));
  EXPECT_THAT(Lists("ppr:2:core", topology, 4, 1), ElementsAre("0", "1", "2", "4"));
  EXPECT_THAT(Lists("ppr:2:core", topology, 6, 1), ElementsAre("0", "1", "2", "3", "4", "5"));
  EXPECT_THAT(Lists("ppr:1:pu", topology, 6, 1), ElementsAre("0", "1", "2", "3", "4", "5"));
  EXPECT_THAT(Lists("ppr:2:pu", topology, 7, 1).back(), "4");
  EXPECT_THAT(MustPlace("ppr:2:core", topology, {6, 1}).notes, IsEmpty());
}

}  // namespace
}  // namespace coresweep
