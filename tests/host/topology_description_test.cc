#include "harness/host/topology_description.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "harness/base/atomic_file.h"
#include "harness/host/topology.h"
#include "tests/base/temp_folder.h"

namespace coresweep {
namespace {

std::string Recording(const std::string& name) {
  return CORESWEEP_SOURCE_DIR "/tests/fixtures/topologies/" + name + ".xml";
}

Topology Recorded(const std::string& name) {
  return ReadMachineFrom(Recording(name)).usable;
}

Topology Synthetic(const std::string& text, const std::optional<CpuSet>& allowed = {}) {
  return ReadMachineFrom(text, allowed).usable;
}

template <typename T>
std::set<T> Values(const Topology& topology, T Pu::*member) {
  std::set<T> values;
  for (const Pu& pu : topology.pus)
    values.insert(pu.*member);
  return values;
}

std::string OfKind(const Topology& topology, CoreKind kind) {
  CpuSet cpus;
  for (const Pu& pu : topology.pus) {
    if (pu.kind == kind) cpus.Add(pu.os_index);
  }
  return cpus.ToList();
}

/// `text` with each `from` replaced by `to`.
std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

TEST(Topology, OfASyntheticMachineIsAsWritten) {
  const Topology topology =
      Synthetic("package:2 numa:1 die:1 l3:2(size=8388608) l2:1(size=262144) core:3 pu:2");
  EXPECT_EQ(topology.packages, 2);
  EXPECT_EQ(topology.cores, 12);
  ASSERT_EQ(topology.pus.size(), 24U);
  const Pu& pu = topology.pus[13];
  EXPECT_EQ(pu.os_index, 13);
  EXPECT_EQ(pu.core, 6);
  EXPECT_EQ(pu.l2, 2);
  EXPECT_EQ(pu.l3, 2);
  EXPECT_EQ(pu.die, 1);
  EXPECT_EQ(pu.numa_node, 1);
  EXPECT_EQ(pu.package, 1);
  EXPECT_EQ(pu.kind, CoreKind::kOnlyOne);
  ASSERT_EQ(topology.numa_nodes.size(), 2U);
  EXPECT_EQ(topology.numa_nodes[1].cpus.ToList(), "12-23");
  ASSERT_EQ(topology.caches.size(), 2U);
  const CacheFact& l3 = topology.caches[1];
  EXPECT_EQ(l3.level, 3);
  EXPECT_EQ(l3.kind, "unified");
  EXPECT_EQ(l3.bytes, 8'388'608U);
  EXPECT_EQ(l3.count, 4);
}

TEST(Topology, SaysWhichObjectsAMachineLacks) {
  const Topology topology = Synthetic("numa:1 pu:3");
  const Pu& pu = topology.pus[0];
  for (const int object : {pu.core, pu.l2, pu.l3, pu.die, pu.group, pu.package})
    EXPECT_EQ(object, -1);
  EXPECT_EQ(topology.cores, 3);  // each PU is one
}

TEST(Topology, NumbersTheInnermostGroup) {
  const Topology topology = Synthetic("group:2 group:2 package:2 group:3 core:2 pu:1");
  EXPECT_EQ(Values(topology, &Pu::group).size(), 24U);
  EXPECT_EQ(topology.pus[0].group, topology.pus[1].group);
  EXPECT_NE(topology.pus[1].group, topology.pus[2].group);
}

TEST(Topology, HoldsManyPusAndNodes) {
  const Topology many = Synthetic("package:4 l3:16 core:8 pu:2");
  EXPECT_EQ(many.pus.size(), 1024U);
  EXPECT_EQ(Values(many, &Pu::core).size(), 512U);
  EXPECT_EQ(Values(Synthetic("package:2 numa:12 core:8 pu:2"), &Pu::numa_node).size(), 24U);
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

struct Expected {
  const char* name;
  size_t pus, cores, packages, nodes, l3s;
};

TEST(Topology, OfEveryRecordedMachineIsWhatItsMakerSays) {
  for (const Expected& machine : {
           Expected{"arm64-ulna-hwloc1", 256, 64, 2, 2, 2},
           {"cascade-lake-ap-snl-hwloc1", 192, 96, 4, 4, 4},
           {"coral-ea-hwloc1", 160, 20, 2, 2, 20},
           {"coral-lassen", 160, 40, 2, 2, 20},
           {"cts1-quartz-smt1", 36, 36, 2, 2, 2},
           {"eas-tioga", 128, 64, 1, 4, 8},
           {"epyc-corona", 96, 48, 2, 8, 16},
           {"epyc-corona-p2", 96, 48, 2, 2, 16},
           {"g4dnmetal", 96, 48, 2, 2, 2},
           {"knl-snc4-flat-hwloc1", 272, 68, 1, 4, 1},
           {"made-hybrid", 20, 14, 1, 1, 1},
       }) {
    const Topology topology = Recorded(machine.name);
    EXPECT_EQ(topology.pus.size(), machine.pus) << machine.name;
    EXPECT_EQ(Values(topology, &Pu::core).size(), machine.cores) << machine.name;
    EXPECT_EQ(Values(topology, &Pu::package).size(), machine.packages) << machine.name;
    EXPECT_EQ(Values(topology, &Pu::numa_node).size(), machine.nodes) << machine.name;
    EXPECT_EQ(Values(topology, &Pu::l3).size(), machine.l3s) << machine.name;
    EXPECT_EQ(static_cast<size_t>(topology.cores), machine.cores) << machine.name;
  }
}

TEST(Topology, OfEveryRecordedMachineCanBeRestrictedToAnyPu) {
  for (const char* name : {"coral-lassen", "knl-snc4-flat-hwloc1", "epyc-corona", "made-hybrid"}) {
    const std::vector<int> cpus = Recorded(name).Cpus().ToVector();
    for (const size_t index : {size_t{0}, cpus.size() / 3, cpus.size() - 1}) {
      const Topology topology = Synthetic(Recording(name), CpuSet{cpus[index]});
      ASSERT_EQ(topology.pus.size(), 1U) << name;
      EXPECT_EQ(topology.cores, 1);
      EXPECT_EQ(topology.online_cpus, static_cast<int>(cpus.size()));
    }
  }
}

TEST(Topology, OfReservedCoresHoldsTheAllowedOnly) {
  const Topology topology = Recorded("coral-lassen");
  EXPECT_EQ(topology.Cpus().ToList(), "8-87,96-175");
  EXPECT_EQ(Values(topology, &Pu::numa_node), (std::set<int>{0, 8}));
  EXPECT_EQ(Values(topology, &Pu::l2).size(), 20U);
}

TEST(Topology, TakesOrdinaryMemoryForTheNearestNode) {
  const Topology topology = Recorded("knl-snc4-flat-hwloc1");
  EXPECT_EQ(topology.numa_nodes.size(), 8U);
  EXPECT_EQ(Values(topology, &Pu::numa_node), (std::set<int>{0, 1, 2, 3}));
  EXPECT_EQ(Values(topology, &Pu::l3), std::set<int>{-1});
}

TEST(Topology, PrefersOrdinaryMemoryAlsoWhereItComesLast) {
  const TempFolder folder;
  const std::string text = ReadFile(Recording("made-hybrid"));
  const size_t at = text.find("      <object type=\"NUMANode\"");
  const std::string node = text.substr(at, text.find('\n', at) + 1 - at);
  std::string fast = Replaced(node, "0x00000001", "0x00000002");
  fast = Replaced(Replaced(fast, "os_index=\"0\"", "os_index=\"1\" subtype=\"MCDRAM\""),
                  "gp_index=\"", "gp_index=\"9");
  std::string both = Replaced(text, "nodeset=\"0x00000001\"", "nodeset=\"0x00000003\"");
  const std::string widened = Replaced(node, "nodeset=\"0x00000001\"", "nodeset=\"0x00000003\"");
  folder.Write("machine.xml", Replaced(both, widened, fast + node));
  const Topology topology = ReadMachineFrom(folder.path() / "machine.xml").usable;
  ASSERT_EQ(topology.numa_nodes.size(), 2U);
  EXPECT_EQ(Values(topology, &Pu::numa_node), std::set<int>{0});
}

TEST(Topology, OfAMixedMachineTellsBigCoresFromLittleOnes) {
  const Machine machine = ReadMachineFrom(Recording("made-hybrid"), CpuSet{0, 1, 12, 13});
  EXPECT_EQ(OfKind(machine.whole, CoreKind::kPerformance), "0-11");
  EXPECT_EQ(OfKind(machine.whole, CoreKind::kEfficiency), "12-19");
  EXPECT_EQ(OfKind(machine.usable, CoreKind::kEfficiency), "12-13");
}

TEST(Topology, KeepsTheKindWhereOnlyLittleCoresAreAllowed) {
  const Topology topology = Synthetic(Recording("made-hybrid"), CpuSet{14, 15});
  EXPECT_EQ(Values(topology, &Pu::kind), std::set<CoreKind>{CoreKind::kEfficiency});
}

TEST(Topology, GoesByFrequencyWhereKindsHaveNoType) {
  const TempFolder folder;
  std::string text = Replaced(ReadFile(Recording("made-hybrid")), "\"CoreType\"", "\"Other\"");
  for (const char* rank : {"0", "1", "2"})
    text.replace(text.find("forced_efficiency=\"-1\""), 22,
                 fmt::format("forced_efficiency=\"{}\"", rank));
  folder.Write("machine.xml", text);
  EXPECT_EQ(OfKind(ReadMachineFrom(folder.path() / "machine.xml").usable, CoreKind::kPerformance),
            "0-11");
}

TEST(Topology, OfAFileKeepsForbiddenPusInThePicture) {
  const TempFolder folder;
  folder.Write("machine.xml",
               Replaced(ReadFile(Recording("made-hybrid")), "allowed_cpuset=\"0x000fffff\"",
                        "allowed_cpuset=\"0x000000f1\""));
  const std::string file = folder.path() / "machine.xml";
  const Machine machine = ReadMachineFrom(file);
  EXPECT_EQ(machine.whole.Cpus().ToList(), "0-19");
  EXPECT_EQ(machine.usable.Cpus().ToList(), "0,4-7");
  EXPECT_EQ(machine.usable.online_cpus, 20);
  EXPECT_EQ(ReadMachineFrom(file, CpuSet{5}).usable.Cpus().ToList(), "5");
  EXPECT_ANY_THROW(ReadMachineFrom(file, CpuSet{1})) << "it is forbidden";
}

TEST(Topology, NamesNoNodeThatIsNotAllowed) {
  const TempFolder folder;
  folder.Write("machine.xml",
               Replaced(ReadFile(Recording("epyc-corona")), "allowed_nodeset=\"0x000000ff\"",
                        "allowed_nodeset=\"0x0000000c\""));
  const Machine machine = ReadMachineFrom(folder.path() / "machine.xml", CpuSet{0, 12, 18});
  EXPECT_EQ(Values(machine.usable, &Pu::numa_node), (std::set<int>{-1, 2, 3}));
  EXPECT_EQ(machine.usable.numa_nodes.size(), 2U);
  EXPECT_EQ(machine.whole.numa_nodes.size(), 8U);
}

/// What hwloc reads of a Linux machine: 2 packages of 2 cores of 2 hardware threads, CPU 0 offline,
/// in a container of cgroup v2 that may use CPUs 2-5 and node 1.
void WriteLinuxMachine(const TempFolder& folder) {
  const std::string cpus = "sys/devices/system/cpu/";
  folder.Write(cpus + "possible", "0-7\n");
  folder.Write(cpus + "present", "0-7\n");
  folder.Write(cpus + "online", "1-7\n");
  folder.Write(cpus + "cpu0/online", "0\n");
  for (int cpu = 1; cpu < 8; ++cpu) {
    const int core = cpu / 2;
    const std::string topology = fmt::format("{}cpu{}/topology/", cpus, cpu);
    const int siblings = core == 0 ? 0x2 : 0x3 << (2 * core);
    folder.Write(topology + "physical_package_id", fmt::format("{}\n", cpu / 4));
    folder.Write(topology + "core_id", fmt::format("{}\n", core));
    folder.Write(topology + "thread_siblings", fmt::format("{:02x}\n", siblings));
    folder.Write(topology + "core_siblings", cpu < 4 ? "0e\n" : "f0\n");
  }
  for (int node = 0; node < 2; ++node) {
    const std::string path = fmt::format("sys/devices/system/node/node{}/", node);
    folder.Write(path + "cpumap", node == 0 ? "0e\n" : "f0\n");
    folder.Write(path + "meminfo", fmt::format("Node {} MemTotal: 4194304 kB\n", node));
  }
  folder.Write("sys/devices/system/node/online", "0-1\n");
  folder.Write("proc/cpuinfo", "processor : 1\n");
  folder.Write("proc/mounts", "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n");
  folder.Write("proc/self/cgroup", "0::/job\n");
  folder.Write("sys/fs/cgroup/cgroup.controllers", "cpuset cpu memory\n");
  folder.Write("sys/fs/cgroup/job/cpuset.cpus.effective", "2-5\n");
  folder.Write("sys/fs/cgroup/job/cpuset.mems.effective", "1\n");
}

TEST(Topology, OfALinuxMachineRecordedAsAFolder) {
  const TempFolder folder;
  WriteLinuxMachine(folder);
  const Machine machine = ReadMachineFrom(folder.path());
  EXPECT_EQ(machine.whole.Cpus().ToList(), "1-7");
  EXPECT_EQ(machine.whole.cores, 4);
  EXPECT_EQ(machine.whole.packages, 2);
  EXPECT_EQ(machine.usable.Cpus().ToList(), "2-5");
  EXPECT_EQ(machine.usable.cores, 2);
  EXPECT_EQ(machine.usable.online_cpus, 7);
  ASSERT_EQ(machine.usable.numa_nodes.size(), 1U);
  EXPECT_EQ(machine.usable.numa_nodes[0].bytes, uint64_t{4} << 30);
  EXPECT_EQ(machine.usable.pus[0].numa_node, -1) << "its own node is forbidden";
  EXPECT_EQ(machine.usable.pus[2].numa_node, 1);
}

}  // namespace
}  // namespace coresweep
