#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/core/quiet_host.h"

namespace coresweep {
namespace {

using testing::HasSubstr;

/// Two cores of two hardware threads each.
HostFacts TwoCores(const CpuSet& allowed) {
  HostFacts facts = QuietHost();
  facts.machine.pus = {{0, 0}, {2, 0}, {1, 1}, {3, 1}};
  facts.allowed = allowed;
  return facts;
}

TEST(DoctorTopology, NamesForbiddenSiblings) {
  const Finding finding = Found(TwoCores({0, 1, 3}), "partial-cores");
  EXPECT_EQ(finding.severity, "warning");
  EXPECT_THAT(finding.text, HasSubstr("of 1 core only"));
  EXPECT_THAT(finding.text, HasSubstr("CPUs 2 share"));
  EXPECT_THAT(Found(TwoCores({0, 3}), "partial-cores").text, HasSubstr("CPUs 1-2 share"));
}

TEST(DoctorTopology, WholeCoresAreNoFinding) {
  EXPECT_EQ(Found(TwoCores({0, 2}), "partial-cores").id, "");
  EXPECT_EQ(Found(TwoCores({0, 1, 2, 3}), "partial-cores").id, "");
  HostFacts facts = TwoCores({0, 3});
  for (Pu& pu : facts.machine.pus)
    pu.core = -1;  // the machine does not say
  EXPECT_EQ(Found(facts, "partial-cores").id, "");
}

TEST(DoctorTopology, CountsNodesWithCpus) {
  HostFacts facts = QuietHost();
  facts.topology.numa_nodes = {{0, 1, {0}}, {1, 1, {}}};
  EXPECT_EQ(Found(facts, "several-numa-nodes").id, "");
  facts.topology.numa_nodes = {{0, 1, {0}}, {1, 1, {1}}};
  EXPECT_THAT(Found(facts, "several-numa-nodes").text, HasSubstr("2 NUMA nodes"));
}

TEST(DoctorTopology, WarnsOfUnequalCoresThatAreAllowed) {
  HostFacts facts = QuietHost();
  facts.topology.pus[0].kind = CoreKind::kPerformance;
  facts.topology.pus[1].kind = CoreKind::kPerformance;
  EXPECT_EQ(Found(facts, "hybrid-cores").id, "");
  facts.topology.pus[1].kind = CoreKind::kEfficiency;
  EXPECT_THAT(Found(facts, "hybrid-cores").text, HasSubstr("1 CPUs are of performance cores"));
}

TEST(DoctorTopology, ARefusedMemoryBindingMattersWithSeveralNodes) {
  HostFacts facts = QuietHost();
  facts.system.probes.push_back({"memory binding", false, "set_mempolicy: EPERM"});
  EXPECT_EQ(Found(facts, "memory-binding-refused").id, "");
  facts.machine.numa_nodes.push_back({1, 1, {}});
  EXPECT_THAT(Found(facts, "memory-binding-refused").text, HasSubstr("set_mempolicy: EPERM"));
  facts.system.probes.back().available = true;
  EXPECT_EQ(Found(facts, "memory-binding-refused").id, "");
}

}  // namespace
}  // namespace coresweep
