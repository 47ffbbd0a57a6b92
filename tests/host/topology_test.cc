#include "harness/host/topology.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <set>
#include <string>

#include "harness/base/error.h"
#include "tests/base/temp_folder.h"

namespace coresweep {
namespace {

Topology Recorded(const std::string& name, const std::optional<CpuSet>& restrict_to = {}) {
  return ReadTopologyFrom({TopologySource::Kind::kXmlFile,
                           CORESWEEP_SOURCE_DIR "/tests/fixtures/topologies/" + name + ".xml"},
                          restrict_to);
}

Topology Synthetic(const std::string& text, const std::optional<CpuSet>& restrict_to = {}) {
  return ReadTopologyFrom({TopologySource::Kind::kSynthetic, text}, restrict_to);
}

CpuSet Cpus(const Topology& topology) {
  CpuSet cpus;
  for (const Pu& pu : topology.pus)
    cpus.Add(pu.os_index);
  return cpus;
}

std::set<int> Values(const Topology& topology, int Pu::*member) {
  std::set<int> values;
  for (const Pu& pu : topology.pus)
    values.insert(pu.*member);
  return values;
}

TEST(Topology, OfASyntheticMachineIsAsWritten) {
  const Topology topology = Synthetic("package:2 numa:1 l3:2(size=8388608) core:3 pu:2");
  EXPECT_EQ(topology.packages, 2);
  EXPECT_EQ(topology.cores, 12);
  ASSERT_EQ(topology.pus.size(), 24U);
  const Pu& pu = topology.pus[13];
  EXPECT_EQ(pu.os_index, 13);
  EXPECT_EQ(pu.core, 6);
  EXPECT_EQ(pu.l3, 2);
  EXPECT_EQ(pu.numa_node, 1);
  EXPECT_EQ(pu.package, 1);
  ASSERT_EQ(topology.numa_nodes.size(), 2U);
  EXPECT_EQ(topology.numa_nodes[1].cpus.ToList(), "12-23");
  ASSERT_EQ(topology.caches.size(), 1U);
  EXPECT_EQ(topology.caches[0].level, 3);
  EXPECT_EQ(topology.caches[0].kind, "unified");
  EXPECT_EQ(topology.caches[0].bytes, 8'388'608U);
  EXPECT_EQ(topology.caches[0].count, 4);
}

TEST(Topology, SaysWhichObjectsAMachineLacks) {
  const Topology topology = Synthetic("numa:1 pu:3");
  EXPECT_EQ(topology.pus[0].core, -1);
  EXPECT_EQ(topology.pus[0].l3, -1);
  EXPECT_EQ(topology.pus[0].package, -1);
  EXPECT_EQ(topology.cores, 0);
}

TEST(Topology, RestrictedToAMaskHoldsNothingElse) {
  const Topology topology = Synthetic("package:2 numa:1 core:3 pu:2", CpuSet{1, 6, 7});
  EXPECT_EQ(Cpus(topology).ToList(), "1,6-7");
  EXPECT_EQ(topology.cores, 2);
  EXPECT_EQ(topology.packages, 2);
}

TEST(Topology, CountsNoPackageOrCacheThatLostItsCpus) {
  const Topology topology = Synthetic("package:2 l3:1 numa:2 core:3 pu:2", CpuSet{1});
  EXPECT_EQ(topology.packages, 1);
  EXPECT_EQ(topology.cores, 1);
  ASSERT_EQ(topology.caches.size(), 1U);
  EXPECT_EQ(topology.caches[0].count, 1);
  ASSERT_EQ(topology.numa_nodes.size(), 4U) << "its memory is still there";
  EXPECT_EQ(topology.numa_nodes[1].cpus, CpuSet());
}

TEST(Topology, OfReservedCoresHoldsTheAllowedOnly) {
  const Topology topology = Recorded("coral-lassen");
  EXPECT_EQ(Cpus(topology).ToList(), "8-87,96-175");
  EXPECT_EQ(topology.cores, 40);
  EXPECT_EQ(Values(topology, &Pu::numa_node), (std::set<int>{0, 8}));
  EXPECT_EQ(Values(topology, &Pu::l3).size(), 20U);
}

TEST(Topology, OfAMachineWithSmtOffHoldsOnePuACore) {
  const Topology topology = Recorded("cts1-quartz-smt1");
  EXPECT_EQ(Cpus(topology).ToList(), "0-35");
  EXPECT_EQ(topology.cores, 36);
}

TEST(Topology, TakesOrdinaryMemoryForTheNearestNode) {
  const Topology topology = Recorded("knl-snc4-flat-hwloc1");
  EXPECT_EQ(topology.numa_nodes.size(), 8U);
  EXPECT_EQ(Values(topology, &Pu::numa_node), (std::set<int>{0, 1, 2, 3}));
  EXPECT_EQ(Values(topology, &Pu::l3), std::set<int>{-1});
}

TEST(Topology, CountsNodesAndCachesOfManyChiplets) {
  const Topology topology = Recorded("epyc-corona");
  EXPECT_EQ(topology.packages, 2);
  EXPECT_EQ(Values(topology, &Pu::numa_node).size(), 8U);
  EXPECT_EQ(Values(topology, &Pu::l3).size(), 16U);
  EXPECT_EQ(Values(topology, &Pu::core).size(), 48U);
}

TEST(Topology, RefusesSourcesThatAreNone) {
  const TempFolder folder;
  folder.Write("bad.xml", "<topology><object");
  const std::string bad = (folder.path() / "bad.xml").string();
  EXPECT_THROW(ReadTopologyFrom({TopologySource::Kind::kXmlFile, "/nowhere.xml"}), UsageError);
  EXPECT_THROW(ReadTopologyFrom({TopologySource::Kind::kXmlFile, bad}), UsageError);
  EXPECT_THROW(Synthetic("core:many"), UsageError);
  EXPECT_THROW(Synthetic("core:2", CpuSet{9}), UsageError);
}

TEST(Topology, OfThisMachineIsRestrictedToTheMask) {
  const CpuSet before = GetAffinity();
  const CpuSet one{before.ToVector().back()};
  CpuSet hwloc_allowed;
  EXPECT_EQ(Cpus(ReadTopology(one, &hwloc_allowed)), one);
  EXPECT_EQ(hwloc_allowed.Intersect(before), before);
  EXPECT_EQ(GetAffinity(), before) << "the binding of the caller was changed";
}

TEST(Topology, OfThisMachineIsEmptyWhenNothingIsAllowed) {
  CpuSet hwloc_allowed;
  EXPECT_TRUE(ReadTopology({100'000}, &hwloc_allowed).pus.empty());
  EXPECT_FALSE(hwloc_allowed.Empty());
}

TEST(Topology, OfThisMachineIsNotTakenFromTheEnvironment) {
  ASSERT_EQ(setenv("HWLOC_SYNTHETIC", "core:64 pu:1", 1), 0);
  CpuSet hwloc_allowed;
  EXPECT_THROW(ReadTopology(GetAffinity(), &hwloc_allowed), UsageError);
  unsetenv("HWLOC_SYNTHETIC");
}

}  // namespace
}  // namespace coresweep
