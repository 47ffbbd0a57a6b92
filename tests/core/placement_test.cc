#include "harness/core/placement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "harness/base/error.h"
#include "tests/core/placement_machines.h"

namespace coresweep {
namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(PlacementNone, GivesEveryWorkerAllCpus) {
  const Placement placement = MustPlace("none", Ragged(), {2, 1});
  EXPECT_THAT(Lists(placement), ElementsAre("0-2", "0-2"));
  EXPECT_THAT(ThreadLists(placement.workers[0]), ElementsAre("0-2"));
  EXPECT_THAT(placement.workers[0].numa_nodes, IsEmpty());
  EXPECT_FALSE(placement.oversubscribed);
  EXPECT_TRUE(MustPlace("none", Ragged(), {2, 2}).oversubscribed);
  EXPECT_EQ(MustPlace("none", Ragged(), {2, 1, Width::kObject}), placement);
}

TEST(PlacementCompact, FillsCoresInOrderAndSiblingsLast) {
  const Topology topology = Synthetic("package:2 core:2 pu:2");
  EXPECT_THAT(Lists("compact", topology, 4, 1), ElementsAre("0", "2", "4", "6"));
  EXPECT_THAT(Lists("compact", topology, 6, 1), ElementsAre("0", "2", "4", "6", "1", "3"));
}

TEST(PlacementCompact, GivesThreadsNeighbouringCores) {
  const Topology topology = Synthetic("package:2 core:4 pu:2");
  EXPECT_THAT(Lists("compact", topology, 4, 2), ElementsAre("0,2", "4,6", "8,10", "12,14"));
  EXPECT_THAT(Lists("compact", topology, 1, 8), ElementsAre("0,2,4,6,8,10,12,14"));
  EXPECT_THAT(ThreadLists(MustPlace("compact", topology, {1, 3}).workers[0]),
              ElementsAre("0", "2", "4"));
}

TEST(PlacementCompact, UsesSiblingsRatherThanCoresOfAnotherWorker) {
  const Topology topology = Synthetic("package:1 core:2 pu:2");
  EXPECT_THAT(Lists("compact", topology, 2, 2), ElementsAre("0-1", "2-3"));
  EXPECT_THAT(Lists("compact", topology, 1, 3), ElementsAre("0-2"));
}

TEST(PlacementCompact, SharesCoresEvenlyAndKeepsAWorkerOnItsCore) {
  const Topology topology = Synthetic("package:1 core:2 pu:4");
  EXPECT_THAT(Lists("compact", topology, 4, 1), ElementsAre("0", "4", "1", "5"));
  EXPECT_THAT(Lists("compact", topology, 3, 2), ElementsAre("0-1", "4-5", "2-3"));
}

TEST(PlacementCompact, KeepsWorkersApartWhenThreadsMustShareAPu) {
  const Topology topology = Synthetic("package:2 core:2 pu:1");
  const Placement placement = MustPlace("compact", topology, {4, 3});
  EXPECT_THAT(Lists(placement), ElementsAre("0", "1", "2", "3"));
  EXPECT_THAT(ThreadLists(placement.workers[1]), ElementsAre("1", "1", "1"));
  EXPECT_TRUE(placement.oversubscribed);
}

TEST(PlacementCompact, KeepsAWorkerInsideOneCache) {
  // Three cores a cache: two workers of two threads do not share the first.
  const Topology topology = Synthetic("package:1 l3:3 core:3 pu:1");
  EXPECT_THAT(Lists("compact", topology, 3, 2), ElementsAre("0-1", "3-4", "6-7"));
  EXPECT_THAT(Lists("compact", topology, 2, 3), ElementsAre("0-2", "3-5"));
  EXPECT_THAT(Lists("compact", topology, 4, 2), ElementsAre("0-1", "3-4", "6-7", "2,5"));
}

TEST(PlacementCompact, KeepsThreadsOnOneKindOfCore) {
  EXPECT_THAT(Lists("compact", Hybrid(), 1, 4), ElementsAre("0,2,4,6"));
  EXPECT_THAT(Lists("compact", Hybrid(), 3, 4), ElementsAre("0,2,4,6", "12-15", "16-19"));
}

TEST(PlacementScatter, TakesPerformanceCoresFirstOnAHybridMachine) {
  EXPECT_THAT(Lists("scatter", Hybrid(), 3, 2), ElementsAre("0,2", "4,6", "8,10"));
  EXPECT_THAT(Lists("scatter", Hybrid(), 7, 1),
              ElementsAre("0", "2", "4", "6", "8", "10", testing::AnyOf("12", "16")));
}

TEST(PlacementCompact, FindsFourteenCoresOnAHybridMachine) {
  EXPECT_THAT(
      Lists("compact", Hybrid(), 14, 1),
      ElementsAre("0", "2", "4", "6", "8", "10", "12", "13", "14", "15", "16", "17", "18", "19"));
  EXPECT_THAT(
      Lists("compact", Hybrid(), 10, 2),
      ElementsAre("0-1", "2-3", "4-5", "6-7", "8-9", "10-11", "12-13", "14-15", "16-17", "18-19"));
}

TEST(PlacementCompact, LeavesAWorkerWithFewerCoresWhereOthersNeedThem) {
  // Three PUs on the first core, one on each of three others: two workers of three threads.
  Topology topology;
  topology.pus = {{0, 0}, {1, 0}, {2, 0}, {3, 1}, {4, 2}, {5, 3}};
  const Placement placement = MustPlace("compact", topology, {2, 3});
  EXPECT_THAT(Lists(placement), ElementsAre("0-2", "3-5"));
  EXPECT_FALSE(placement.oversubscribed);
}

TEST(PlacementCompact, GivesAWorkerMoreCoresWhereItsAreSmall) {
  // The other way round: one PU on each of three cores, then one core of three.
  Topology topology;
  topology.pus = {{0, 0}, {1, 1}, {2, 2}, {3, 3}, {4, 3}, {5, 3}};
  EXPECT_THAT(Lists("compact", topology, 2, 3), ElementsAre("0-2", "3-5"));
}

TEST(PlacementScatter, SpreadsOverPackagesThenNodesThenCachesThenCores) {
  const Topology topology = Synthetic("package:2 numa:2 l3:2 core:2 pu:1");
  EXPECT_THAT(Lists("scatter", topology, 16, 1),
              ElementsAre("0", "8", "4", "12", "2", "10", "6", "14", "1", "9", "5", "13", "3", "11",
                          "7", "15"));
}

TEST(PlacementScatter, SpreadsOverL2sToo) {
  const Topology topology = Synthetic("package:1 l3:1 l2:2 core:2 pu:1");
  EXPECT_THAT(Lists("scatter", topology, 4, 1), ElementsAre("0", "2", "1", "3"));
  EXPECT_THAT(Lists("compact", topology, 4, 1), ElementsAre("0", "1", "2", "3"));
}

TEST(PlacementScatter, KeepsThreadsOfOneWorkerTogether) {
  const Topology topology = Synthetic("package:2 l3:2 core:2 pu:2");
  EXPECT_THAT(Lists("scatter", topology, 2, 2), ElementsAre("0,2", "8,10"));
  EXPECT_THAT(Lists("scatter", topology, 4, 2), ElementsAre("0,2", "8,10", "4,6", "12,14"));
  EXPECT_THAT(Lists("scatter", topology, 2, 4), ElementsAre("0,2,4,6", "8,10,12,14"));
}

TEST(PlacementScatter, SpreadsSiblingsToo) {
  const Topology topology = Synthetic("package:2 core:2 pu:2");
  EXPECT_THAT(Lists("scatter", topology, 8, 1),
              ElementsAre("0", "4", "2", "6", "1", "5", "3", "7"));
}

TEST(PlacementScatter, KnowsNodesFinerThanCaches) {
  // One cache over two nodes each, as with sub-NUMA clusters: a worker stays in one node.
  Topology topology;
  for (int cpu = 0; cpu < 8; ++cpu)
    topology.pus.push_back({cpu, cpu, cpu / 4, cpu / 2, 0});
  EXPECT_THAT(Lists("scatter", topology, 4, 1), ElementsAre("0", "4", "2", "6"));
  EXPECT_THAT(Lists("scatter", topology, 4, 2), ElementsAre("0-1", "4-5", "2-3", "6-7"));
}

TEST(PlacementCore, GivesEachThreadAWholeCore) {
  const Topology topology = Synthetic("package:1 core:4 pu:2");
  const Placement placement = MustPlace("core", topology, {2, 2});
  EXPECT_THAT(Lists(placement), ElementsAre("0-3", "4-7"));
  EXPECT_THAT(ThreadLists(placement.workers[1]), ElementsAre("4-5", "6-7"));
  EXPECT_FALSE(placement.oversubscribed);
}

TEST(PlacementCore, WorksOnCoresOfWhichAPartIsAllowed) {
  EXPECT_THAT(Lists("core", Ragged(), 2, 1), ElementsAre("0", "1-2"));
}

TEST(PlacementNoSmt, NeverGivesAWorkerTwoPusOfACore) {
  const Topology topology = Synthetic("package:1 core:4 pu:2");
  const Placement placement = MustPlace("nosmt", topology, {2, 3});
  EXPECT_THAT(Lists(placement), ElementsAre("0,2", "4,6"));
  EXPECT_THAT(ThreadLists(placement.workers[0]), ElementsAre("0", "2", "0"));
  EXPECT_TRUE(placement.oversubscribed);
  EXPECT_THAT(placement.notes, ElementsAre(HasSubstr("share hardware threads")));
  EXPECT_THAT(MustPlace("nosmt", topology, {2, 2}).notes, IsEmpty());
}

TEST(PlacementNoSmt, PutsMoreWorkersThanCoresOnFreeHardwareThreads) {
  const Topology topology = Synthetic("package:1 core:2 pu:4");
  const Placement placement = MustPlace("nosmt", topology, {3, 2});
  EXPECT_THAT(Lists(placement), ElementsAre("0,4", "1,5", "2,6"));
  EXPECT_FALSE(placement.oversubscribed);
  EXPECT_THAT(placement.notes, ElementsAre(HasSubstr("3 workers on 2 cores")));
}

TEST(PlacementNoSmt, SharesNoPuWithOthersForTheSakeOfMoreCores) {
  Topology topology;  // five PUs on one core, one on the other
  topology.pus = {{0, 0}, {1, 0}, {2, 0}, {3, 0}, {4, 0}, {5, 1}};
  const Placement placement = MustPlace("nosmt", topology, {3, 2});
  EXPECT_THAT(Lists(placement), ElementsAre("0,5", "1", "2"));
  EXPECT_TRUE(placement.oversubscribed);
}

TEST(PlacementSmt, FillsACoreBeforeTheNext) {
  const Topology topology = Synthetic("package:1 core:4 pu:2");
  EXPECT_THAT(Lists("smt", topology, 1, 4), ElementsAre("0-3"));
  EXPECT_THAT(ThreadLists(MustPlace("smt", topology, {1, 3}).workers[0]),
              ElementsAre("0", "1", "2"));
  EXPECT_THAT(Lists("smt", topology, 3, 2), ElementsAre("0-1", "2-3", "4-5"));
  EXPECT_THAT(Lists("smt", topology, 3, 1), ElementsAre("0", "2", "4"));
}

TEST(PlacementKinds, StayOnTheirCores) {
  EXPECT_THAT(Lists("pcore", Hybrid(), 7, 1), ElementsAre("0", "2", "4", "6", "8", "10", "1"));
  EXPECT_THAT(Lists("ecore", Hybrid(), 2, 4), ElementsAre("12-15", "16-19"));
  EXPECT_TRUE(MustPlace("ecore", Hybrid(), {3, 3}).oversubscribed);
  EXPECT_FALSE(MustPlace("ecore", Hybrid(), {4, 2}).oversubscribed);
}

TEST(PlacementKinds, NeedSuchCores) {
  std::string why_not;
  EXPECT_EQ(Place("ecore", Ragged(), {1, 1}, &why_not), std::nullopt);
  EXPECT_EQ(why_not, "this machine has no efficiency cores: use compact");
  const Placement placement = MustPlace("pcore", Ragged(), {3, 1});
  EXPECT_THAT(Lists(placement), ElementsAre("0", "1", "2"));
  EXPECT_THAT(placement.notes, ElementsAre(HasSubstr("one kind of core")));
  Topology small = Hybrid();
  small.pus.erase(small.pus.begin(), small.pus.begin() + 12);
  EXPECT_EQ(Place("pcore", small, {1, 1}, &why_not), std::nullopt);
  EXPECT_THAT(why_not, HasSubstr("no performance cores"));
}

TEST(PlacementModulo, CountsOnlineCpusWhateverIsAllowed) {
  Topology topology = Ragged();
  topology.pus.erase(topology.pus.begin());
  topology.online_cpus = 3;
  const Placement placement = MustPlace("modulo", topology, {4, 1, Width::kObject});
  EXPECT_THAT(Lists(placement), ElementsAre("0", "1", "2", "0"));
  EXPECT_THAT(placement.workers[0].numa_nodes, IsEmpty());
  EXPECT_TRUE(placement.oversubscribed);
  EXPECT_THAT(placement.notes, ElementsAre(HasSubstr("CPUs 0 are not")));
  EXPECT_TRUE(MustPlace("modulo", topology, {1, 2}).oversubscribed);
  EXPECT_FALSE(MustPlace("modulo", topology, {3, 1}).oversubscribed);
  EXPECT_THAT(ThreadLists(MustPlace("modulo", topology, {2, 2}).workers[1]), ElementsAre("1", "1"));
  EXPECT_THAT(MustPlace("modulo", Ragged(), {3, 1}).notes, IsEmpty());
}

TEST(Placement, WrapsRoundWhenCpusAreShort) {
  const Topology topology = Synthetic("package:1 core:2 pu:1");
  for (const char* policy : {"compact", "scatter", "core", "nosmt", "smt", "l3", "ppr:9:package"}) {
    const Placement placement = MustPlace(policy, topology, {5, 1});
    EXPECT_THAT(Lists(placement), ElementsAre("0", "1", "0", "1", "0")) << policy;
    EXPECT_TRUE(placement.oversubscribed);
    EXPECT_FALSE(MustPlace(policy, topology, {2, 1}).oversubscribed);
    EXPECT_TRUE(MustPlace(policy, topology, {1, 3}).oversubscribed);
  }
}

TEST(Placement, CopesWithHalfACore) {
  EXPECT_THAT(Lists("compact", Ragged(), 2, 1), ElementsAre("0", "1"));
  EXPECT_THAT(Lists("compact", Ragged(), 3, 1), ElementsAre("0", "1", "2"));
  EXPECT_THAT(Lists("compact", Ragged(), 1, 3), ElementsAre("0-2"));
}

TEST(Placement, TakesAPuForACoreWhereCoresAreUnknown) {
  Topology topology;
  for (int cpu = 4; cpu < 8; ++cpu)
    topology.pus.push_back({cpu});
  for (const char* policy : {"compact", "core", "nosmt", "smt"}) {
    EXPECT_THAT(Lists(policy, topology, 2, 2), ElementsAre("4-5", "6-7")) << policy;
    EXPECT_THAT(Lists(policy, topology, 4, 1), ElementsAre("4", "5", "6", "7")) << policy;
  }
  EXPECT_THAT(MustPlace("compact", topology, {1, 1}).workers[0].numa_nodes, IsEmpty());
}

TEST(Placement, NamesTheNodesOfEachWorker) {
  Topology topology;
  for (int cpu = 0; cpu < 4; ++cpu)
    topology.pus.push_back({cpu, cpu, -1, cpu < 2 ? 8 : 0, 0});
  EXPECT_THAT(MustPlace("compact", topology, {1, 1}).workers[0].numa_nodes, ElementsAre(8));
  EXPECT_THAT(MustPlace("compact", topology, {1, 3}).workers[0].numa_nodes, ElementsAre(0, 8));
}

TEST(Placement, UsesOsIndexesNotLogicalOnes) {
  const Topology topology = Recorded("coral-lassen");  // CPUs 8-87 and 96-175, four a core
  EXPECT_THAT(Lists("compact", topology, 3, 1), ElementsAre("8", "12", "16"));
  EXPECT_THAT(Lists("scatter", topology, 3, 1), ElementsAre("8", "96", "16"));
}

TEST(Placement, KeepsWorkersOfFourInOneCacheOfARecordedMachine) {
  const Topology topology = Recorded("eas-tioga");  // eight caches of eight cores
  for (const char* policy : {"compact", "scatter", "l3"}) {
    for (const WorkerPlace& worker : MustPlace(policy, topology, {16, 4}).workers)
      EXPECT_EQ(Domains(topology, worker.cpus, &Pu::l3).size(), 1U) << policy;
  }
}

TEST(Placement, ScatterReachesEveryCacheOfARecordedMachine) {
  const Topology topology = Recorded("epyc-corona");
  CpuSet all;
  for (const WorkerPlace& worker : MustPlace("scatter", topology, {16, 1}).workers)
    all = all.Union(worker.cpus);
  EXPECT_EQ(Domains(topology, all, &Pu::l3).size(), 16U);
  EXPECT_EQ(Domains(topology, all, &Pu::core).size(), 16U);
}

TEST(Placement, RefusesAMachineWithoutCpus) {
  for (const char* policy : {"none", "compact", "l3", "list:0", "modulo"})
    EXPECT_THROW(static_cast<void>(Place(policy, {}, {1, 1}, nullptr)), Error) << policy;
}

TEST(Placement, EveryPolicyDiffersFromEveryOther) {
  const Topology topology = [] {
    // Two packages, four nodes of two caches of two L2s of two cores; every other core efficient.
    Topology made = Synthetic("package:2 numa:2 l3:2 l2:2 core:2 pu:2");
    for (Pu& pu : made.pus) {
      pu.kind = pu.package == 0 ? CoreKind::kPerformance : CoreKind::kEfficiency;
      pu.l2 = pu.core / 2;
    }
    return made;
  }();
  std::set<std::vector<std::string>> seen;
  const std::vector<std::string> policies{
      "none", "compact", "scatter",  "core",     "nosmt",       "smt",          "l2",    "l3",
      "numa", "package", "ppr:2:l3", "ppr:4:l3", "list:9,8|40", "mask:ff00,f0", "modulo"};
  for (const std::string& policy : policies) {
    std::vector<std::string> all;
    for (const PlacementShape shape : {PlacementShape{6, 1}, PlacementShape{2, 24}}) {
      const auto placement = Place(policy, topology, shape, nullptr);
      const std::vector<std::string> lists =
          placement ? Lists(*placement) : std::vector<std::string>{"refused"};
      all.insert(all.end(), lists.begin(), lists.end());
    }
    EXPECT_TRUE(seen.insert(all).second) << policy << " places as an earlier policy does";
  }
  // These two differ from compact where performance cores run out, or come first.
  EXPECT_NE(Lists("pcore", topology, 20, 1), Lists("compact", topology, 20, 1));
  EXPECT_NE(Lists("ecore", topology, 1, 1), Lists("compact", topology, 1, 1));
}

}  // namespace
}  // namespace coresweep
