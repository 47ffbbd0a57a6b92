#include "harness/core/placement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "harness/base/error.h"
#include "harness/host/topology.h"

namespace coresweep {
namespace {

using testing::Each;
using testing::ElementsAre;

Topology Synthetic(const std::string& text) {
  return ReadTopologyFrom({TopologySource::Kind::kSynthetic, text});
}

Topology Recorded(const std::string& name) {
  return ReadTopologyFrom({TopologySource::Kind::kXmlFile,
                           CORESWEEP_SOURCE_DIR "/tests/fixtures/topologies/" + name + ".xml"});
}

/// Two cores: CPU 0 alone, CPUs 1 and 2 together; a cpuset that cuts through a core.
Topology Ragged() {
  Topology topology;
  topology.pus = {{0, 0, 0, 0, 0}, {1, 1, 0, 0, 0}, {2, 1, 0, 0, 0}};
  topology.cores = 2;
  return topology;
}

Placement Place(const std::string& policy, const Topology& topology, int workers, int threads) {
  return FindPlacementPolicy(policy)->place(topology, {workers, threads});
}

std::vector<std::string> Lists(const Placement& placement) {
  std::vector<std::string> lists;
  for (const CpuSet& cpus : placement.workers)
    lists.push_back(cpus.ToList());
  return lists;
}

std::vector<std::string> Lists(const std::string& policy, const Topology& topology, int workers,
                               int threads) {
  return Lists(Place(policy, topology, workers, threads));
}

/// Different values of `member` among the PUs in `cpus`.
std::set<int> Domains(const Topology& topology, const CpuSet& cpus, int Pu::*member) {
  std::set<int> domains;
  for (const Pu& pu : topology.pus) {
    if (cpus.Contains(pu.os_index)) domains.insert(pu.*member);
  }
  return domains;
}

TEST(PlacementPolicies, AreFoundByNameAndAlias) {
  std::vector<std::string_view> names;
  for (const PlacementPolicy& policy : PlacementPolicies()) {
    names.push_back(policy.name);
    EXPECT_EQ(FindPlacementPolicy(policy.name), &policy);
    EXPECT_FALSE(policy.summary.empty());
  }
  EXPECT_THAT(names, ElementsAre("none", "compact", "scatter"));
  EXPECT_EQ(FindPlacementPolicy("close"), FindPlacementPolicy("compact"));
  EXPECT_EQ(FindPlacementPolicy("spread"), FindPlacementPolicy("scatter"));
  EXPECT_EQ(FindPlacementPolicy("Compact"), nullptr);
  EXPECT_EQ(FindPlacementPolicy(""), nullptr);
}

TEST(PlacementNone, GivesEveryWorkerAllCpus) {
  const Placement placement = Place("none", Ragged(), 2, 1);
  EXPECT_THAT(Lists(placement), ElementsAre("0-2", "0-2"));
  EXPECT_FALSE(placement.oversubscribed);
  EXPECT_TRUE(Place("none", Ragged(), 2, 2).oversubscribed);
}

TEST(PlacementCompact, FillsCoresInOrderAndSiblingsLast) {
  const Topology topology = Synthetic("package:2 numa:1 core:2 pu:2");
  EXPECT_THAT(Lists("compact", topology, 4, 1), ElementsAre("0", "2", "4", "6"));
  EXPECT_THAT(Lists("compact", topology, 6, 1), ElementsAre("0", "2", "4", "6", "1", "3"));
}

TEST(PlacementCompact, GivesThreadsNeighbouringCores) {
  const Topology topology = Synthetic("package:2 numa:1 core:4 pu:2");
  EXPECT_THAT(Lists("compact", topology, 4, 2), ElementsAre("0,2", "4,6", "8,10", "12,14"));
  EXPECT_THAT(Lists("compact", topology, 1, 8), ElementsAre("0,2,4,6,8,10,12,14"));
}

TEST(PlacementCompact, UsesSiblingsRatherThanCoresOfAnotherWorker) {
  const Topology topology = Synthetic("package:1 numa:1 core:2 pu:2");
  EXPECT_THAT(Lists("compact", topology, 2, 2), ElementsAre("0-1", "2-3"));
  EXPECT_THAT(Lists("compact", topology, 1, 3), ElementsAre("0-2"));
}

TEST(PlacementCompact, SharesCoresEvenlyAndKeepsAWorkerOnItsCore) {
  const Topology topology = Synthetic("package:1 numa:1 core:2 pu:4");
  EXPECT_THAT(Lists("compact", topology, 4, 1), ElementsAre("0", "4", "1", "5"));
  EXPECT_THAT(Lists("compact", topology, 3, 2), ElementsAre("0-1", "4-5", "2-3"));
}

TEST(PlacementCompact, GoesToTheNearestWhenItMustShare) {
  const Topology topology = Synthetic("package:2 numa:1 core:2 pu:1");
  EXPECT_EQ(Lists("compact", topology, 4, 3).at(1), "0,2-3");
}

TEST(PlacementCompact, KeepsAWorkerInsideOneCache) {
  // Three cores a cache: two workers of two threads do not share the first.
  const Topology topology = Synthetic("package:1 numa:1 l3:3 core:3 pu:1");
  EXPECT_THAT(Lists("compact", topology, 3, 2), ElementsAre("0-1", "3-4", "6-7"));
  EXPECT_THAT(Lists("compact", topology, 2, 3), ElementsAre("0-2", "3-5"));
  EXPECT_THAT(Lists("compact", topology, 4, 2), ElementsAre("0-1", "3-4", "6-7", "2,5"));
}

TEST(PlacementScatter, SpreadsOverPackagesThenNodesThenCachesThenCores) {
  const Topology topology = Synthetic("package:2 numa:2 l3:2 core:2 pu:1");
  EXPECT_THAT(Lists("scatter", topology, 16, 1),
              ElementsAre("0", "8", "4", "12", "2", "10", "6", "14", "1", "9", "5", "13", "3", "11",
                          "7", "15"));
}

TEST(PlacementScatter, KeepsThreadsOfOneWorkerTogether) {
  const Topology topology = Synthetic("package:2 numa:1 l3:2 core:2 pu:2");
  EXPECT_THAT(Lists("scatter", topology, 2, 2), ElementsAre("0,2", "8,10"));
  EXPECT_THAT(Lists("scatter", topology, 4, 2), ElementsAre("0,2", "8,10", "4,6", "12,14"));
  EXPECT_THAT(Lists("scatter", topology, 2, 4), ElementsAre("0,2,4,6", "8,10,12,14"));
}

TEST(PlacementScatter, SpreadsSiblingsToo) {
  const Topology topology = Synthetic("package:2 numa:1 core:2 pu:2");
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

TEST(Placement, WrapsRoundWhenCpusAreShort) {
  const Topology topology = Synthetic("package:1 numa:1 core:2 pu:1");
  for (const char* policy : {"compact", "scatter"}) {
    const Placement placement = Place(policy, topology, 5, 1);
    EXPECT_THAT(Lists(placement), ElementsAre("0", "1", "0", "1", "0")) << policy;
    EXPECT_TRUE(placement.oversubscribed);
    EXPECT_FALSE(Place(policy, topology, 2, 1).oversubscribed);
    EXPECT_THAT(Lists(policy, topology, 2, 2), Each("0-1"));
    EXPECT_TRUE(Place(policy, topology, 1, 3).oversubscribed);
  }
}

TEST(Placement, CopesWithHalfACore) {
  EXPECT_THAT(Lists("compact", Ragged(), 2, 1), ElementsAre("0", "1"));
  EXPECT_THAT(Lists("compact", Ragged(), 3, 1), ElementsAre("0", "1", "2"));
  EXPECT_THAT(Lists("compact", Ragged(), 1, 3), ElementsAre("0-2"));
}

TEST(Placement, TakesAPuForACoreWhereCoresAreUnknown) {
  const Topology topology = Synthetic("numa:1 pu:4");
  EXPECT_THAT(Lists("compact", topology, 2, 2), ElementsAre("0-1", "2-3"));
  EXPECT_THAT(Lists("scatter", topology, 4, 1), ElementsAre("0", "1", "2", "3"));
}

TEST(Placement, UsesOsIndexesNotLogicalOnes) {
  const Topology topology = Recorded("coral-lassen");  // CPUs 8-87 and 96-175, four a core
  EXPECT_THAT(Lists("compact", topology, 3, 1), ElementsAre("8", "12", "16"));
  EXPECT_THAT(Lists("scatter", topology, 3, 1), ElementsAre("8", "96", "16"));
}

TEST(Placement, KeepsWorkersOfFourInOneCacheOfARecordedMachine) {
  const Topology topology = Recorded("eas-tioga");  // eight caches of eight cores
  for (const char* policy : {"compact", "scatter"}) {
    for (const CpuSet& cpus : Place(policy, topology, 16, 4).workers)
      EXPECT_EQ(Domains(topology, cpus, &Pu::l3).size(), 1U) << policy << " " << cpus.ToList();
  }
}

TEST(Placement, ScatterReachesEveryCacheOfARecordedMachine) {
  const Topology topology = Recorded("epyc-corona");
  CpuSet all;
  for (const CpuSet& cpus : Place("scatter", topology, 16, 1).workers)
    all = all.Union(cpus);
  EXPECT_EQ(Domains(topology, all, &Pu::l3).size(), 16U);
  EXPECT_EQ(Domains(topology, all, &Pu::core).size(), 16U);
}

TEST(Placement, RefusesAMachineWithoutCpus) {
  for (const PlacementPolicy& policy : PlacementPolicies())
    EXPECT_THROW(policy.place({}, {1, 1}), Error);
}

/// What holds for every machine, policy and shape.
class PlacementLaws
    : public testing::TestWithParam<std::tuple<std::string, std::string, PlacementShape>> {};

TEST_P(PlacementLaws, Hold) {
  const auto& [name, policy, shape] = GetParam();
  const Topology topology = name == "ragged" ? Ragged() : Recorded(name);
  const Placement placement = Place(policy, topology, shape.workers, shape.threads);
  ASSERT_EQ(placement.workers.size(), static_cast<size_t>(shape.workers));
  const auto pus = static_cast<int>(topology.pus.size());
  EXPECT_EQ(placement.oversubscribed, shape.workers * shape.threads > pus);

  std::map<int, int> core_of;
  std::map<int, int> workers_on_pu;
  std::map<int, int> workers_on_core;
  for (const Pu& pu : topology.pus) {
    core_of[pu.os_index] = pu.core;
    workers_on_pu[pu.os_index] = 0;
    workers_on_core[pu.core] = 0;
  }
  for (const CpuSet& cpus : placement.workers) {
    EXPECT_EQ(cpus.Count(), std::min(shape.threads, pus));
    for (const int cpu : cpus.ToVector()) {
      ASSERT_TRUE(core_of.contains(cpu)) << cpu << " is not allowed";
      ++workers_on_pu[cpu];
    }
    for (const int core : Domains(topology, cpus, &Pu::core))
      ++workers_on_core[core];
  }
  const auto by_count = [](const auto& a, const auto& b) { return a.second < b.second; };
  const auto [idle_pu, busy_pu] =
      std::minmax_element(workers_on_pu.begin(), workers_on_pu.end(), by_count);
  EXPECT_FALSE(busy_pu->second > 1 && idle_pu->second == 0) << "a PU is shared, another is free";
  const auto [idle_core, busy_core] =
      std::minmax_element(workers_on_core.begin(), workers_on_core.end(), by_count);
  EXPECT_FALSE(busy_core->second > 1 && idle_core->second == 0)
      << "a core is shared, another is free";
  EXPECT_EQ(Lists(policy, topology, shape.workers, shape.threads), Lists(placement));
}

INSTANTIATE_TEST_SUITE_P(
    Machines, PlacementLaws,
    testing::Combine(
        testing::Values("ragged", "arm64-ulna-hwloc1", "coral-lassen", "cts1-quartz-smt1",
                        "eas-tioga", "epyc-corona", "knl-snc4-flat-hwloc1"),
        testing::Values("compact", "scatter"),
        testing::Values(PlacementShape{1, 1}, PlacementShape{2, 1}, PlacementShape{1, 7},
                        PlacementShape{3, 5}, PlacementShape{16, 4}, PlacementShape{7, 11},
                        PlacementShape{50, 2}, PlacementShape{97, 3}, PlacementShape{2, 400})));

}  // namespace
}  // namespace coresweep
