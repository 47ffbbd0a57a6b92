#include "reports/machine_picture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "reports/text.h"

namespace coresweep {
namespace {

using testing::HasSubstr;
using testing::Not;

struct Shape {
  int packages = 1;
  int nodes = 1;   ///< a package
  int caches = 1;  ///< L3, a node
  int cores = 2;   ///< a cache
  int threads = 1;
};

/// Hardware thread `t` of core `c` is CPU `t * cores + c`, as on most x86 machines.
Topology Make(const Shape& shape) {
  Topology topology;
  topology.packages = shape.packages;
  const int caches = shape.packages * shape.nodes * shape.caches;
  topology.cores = caches * shape.cores;
  for (int core = 0; core < topology.cores; ++core) {
    for (int thread = 0; thread < shape.threads; ++thread) {
      Pu pu;
      pu.os_index = thread * topology.cores + core;
      pu.core = core;
      pu.l3 = core / shape.cores;
      pu.numa_node = pu.l3 / shape.caches;
      pu.package = pu.numa_node / shape.nodes;
      topology.pus.push_back(pu);
    }
  }
  return topology;
}

Placement On(const std::vector<CpuSet>& workers, const CpuSet& dispatcher = {}) {
  Placement placement;
  placement.dispatcher = dispatcher;
  for (const CpuSet& cpus : workers)
    placement.workers.push_back({cpus, {cpus}, {}});
  return placement;
}

TEST(MachinePicture, OfASmallMachineIsOneRow) {
  const Topology machine = Make({});
  EXPECT_EQ(DrawMachine(machine, machine.Cpus(), nullptr, {}),
            "1 package · 2 cores · 2 CPUs · all allowed\n"
            "package 0 · 2 cores\n"
            "  NUMA 0  L3 0  [0] [1]\n"
            "0 CPU 0 | [ ] a core\n");
}

TEST(MachinePicture, ShowsForbiddenCpusBesideAllowedOnes) {
  const Topology machine = Make({1, 2, 1, 2, 2});
  EXPECT_EQ(DrawMachine(machine, {0, 4, 1, 6}, nullptr, {}),
            "1 package · 4 cores · 8 CPUs · 4 allowed\n"
            "package 0 · 4 cores\n"
            "  NUMA 0  L3 0  [0 4] [1 ·]\n"
            "  NUMA 1  L3 1  [· 6] [· ·]\n"
            "0 CPU 0 | · forbidden | [ ] a core\n");
}

TEST(MachinePicture, ShowsWhoSitsWhere) {
  const Topology machine = Make({1, 1, 1, 4, 2});
  const Placement placement = On({{0, 4}, {1}, {1}, {7}}, {2, 7});
  EXPECT_EQ(DrawMachine(machine, {0, 1, 2, 4, 5, 6}, &placement, {}),
            "1 package · 4 cores · 8 CPUs · 6 allowed\n"
            "package 0 · 4 cores\n"
            "  NUMA 0  L3 0  [  w0   w0] [ w1+    -] [   D    -] [   · w3D!]\n"
            "w0 worker 0 | + further workers too | D dispatcher\n"
            "! forbidden: will be refused | - free | · forbidden | [ ] a core\n");
}

TEST(MachinePicture, SaysInASentenceThatAllShareAll) {
  const Topology machine = Make({});
  const Placement placement = On({{0, 1}, {0, 1}}, {1});
  const std::string picture = DrawMachine(machine, {0, 1}, &placement, {});
  EXPECT_THAT(picture, HasSubstr("each of the 2 workers may use all 2 allowed CPUs\n"));
  EXPECT_THAT(picture, HasSubstr("[0] [D]"));
  const Placement alone = On({{0, 1}});
  EXPECT_THAT(DrawMachine(machine, {0, 1}, &alone, {}), HasSubstr("[w0] [w0]"));
}

TEST(MachinePicture, NamesCpusThatAreNotThere) {
  const Topology machine = Make({});
  const Placement placement = On({{0}, {1, 9}});
  EXPECT_THAT(DrawMachine(machine, {0, 1}, &placement, {}),
              HasSubstr("worker 1 is on CPUs 9, which are not online\n"));
}

TEST(MachinePicture, MarksEfficiencyCores) {
  Topology machine = Make({});
  EXPECT_THAT(DrawMachine(machine, {0, 1}, nullptr, {}), Not(HasSubstr("efficiency")));
  machine.pus[0].kind = CoreKind::kPerformance;
  machine.pus[1].kind = CoreKind::kEfficiency;
  const std::string picture = DrawMachine(machine, {0, 1}, nullptr, {});
  EXPECT_THAT(picture, HasSubstr("[0] [1]e\n"));
  EXPECT_THAT(picture, HasSubstr("| e efficiency core\n"));
}

TEST(MachinePicture, OfAMachineThatSaysLittleHasNoEmptyLabels) {
  Topology machine;
  for (const int cpu : {0, 1, 2}) {
    machine.pus.emplace_back();
    machine.pus.back().os_index = cpu;
  }
  EXPECT_EQ(DrawMachine(machine, {0, 1, 2}, nullptr, {}),
            "3 CPUs · all allowed\n"
            "[0] [1] [2]\n"
            "0 CPU 0 | [ ] a CPU\n");
}

TEST(MachinePicture, FoldsWhatIsForbiddenOnALargeMachine) {
  const Topology machine = Make({4, 2, 1, 4, 2});
  EXPECT_EQ(DrawMachine(machine, {8, 9, 12, 13}, nullptr, {}),
            "4 packages · 32 cores · 64 CPUs · 4 allowed\n"
            "package 0 · 8 cores: forbidden, CPUs 0-7,32-39\n"
            "package 1 · 8 cores\n"
            "  NUMA 2  L3 2  [ 8  ·] [ 9  ·] [ ·  ·] [ ·  ·]\n"
            "  NUMA 3  L3 3  [12  ·] [13  ·] [ ·  ·] [ ·  ·]\n"
            "packages 2-3 · 16 cores: forbidden, CPUs 16-31,48-63\n"
            "0 CPU 0 | · forbidden | [ ] a core\n");
}

TEST(MachinePicture, FoldsWhatIsFreeOnALargeMachine) {
  const Topology machine = Make({1, 2, 4, 4, 2});
  const Placement placement = On({{0, 32}, {16}});
  EXPECT_EQ(DrawMachine(machine, machine.Cpus(), &placement, {}),
            "1 package · 32 cores · 64 CPUs · all allowed\n"
            "package 0 · 32 cores\n"
            "  NUMA 0  L3 0  [w0 w0] [ -  -] [ -  -] [ -  -]\n"
            "  NUMA 0  L3 1-3 · 12 cores: free, CPUs 4-15,36-47\n"
            "  NUMA 1  L3 4  [w1  -] [ -  -] [ -  -] [ -  -]\n"
            "  NUMA 1  L3 5-7 · 12 cores: free, CPUs 20-31,52-63\n"
            "w0 worker 0 | - free | [ ] a core\n");
}

TEST(MachinePicture, NamesANodeOnceForAllItsCaches) {
  EXPECT_THAT(DrawMachine(Make({1, 1, 2, 1, 1}), {0, 1}, nullptr, {}),
              HasSubstr("  NUMA 0  L3 0  [0]\n"
                        "          L3 1  [1]\n"));
}

TEST(MachinePicture, OfALargeMachineFitsAnyTerminal) {
  const Topology machine = Make({2, 1, 12, 8, 2});
  std::vector<CpuSet> workers;
  for (int cpu = 0; cpu < 384; cpu += 2)
    workers.push_back({cpu});
  const Placement placement = On(workers, {1});
  for (const size_t width : {40U, 80U, 200U}) {
    std::istringstream lines(DrawMachine(machine, machine.Cpus(), &placement, {width, false}));
    int count = 0;
    for (std::string line; std::getline(lines, line); ++count) {
      EXPECT_LE(DisplayWidth(line), static_cast<size_t>(width)) << line;
      EXPECT_EQ(std::count(line.begin(), line.end(), '['),
                std::count(line.begin(), line.end(), ']'));
      EXPECT_FALSE(line.ends_with(' ')) << line;
    }
    EXPECT_LT(count, 130);
  }
}

TEST(MachinePicture, ColorsRepeatWhatCharactersSay) {
  const Topology machine = Make({1, 1, 1, 4, 1});
  const Placement placement = On({{0}, {1}}, {2});
  const std::string plain = DrawMachine(machine, {0, 1, 2}, &placement, {80, false});
  std::string colored = DrawMachine(machine, {0, 1, 2}, &placement, {80, true});
  EXPECT_THAT(colored, HasSubstr("[\x1b[31mw0\x1b[0m] [\x1b[32mw1\x1b[0m] [ \x1b[1mD\x1b[0m]"));
  for (size_t at = 0; (at = colored.find('\x1b')) != std::string::npos;)
    colored.erase(at, colored.find('m', at) + 1 - at);
  EXPECT_EQ(colored, plain);
}

}  // namespace
}  // namespace coresweep
