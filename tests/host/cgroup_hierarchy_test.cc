#include "harness/host/cgroup_hierarchy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>

#include "tests/host/cgroup_machine.h"

namespace coresweep {
namespace {

using testing::ElementsAre;

TEST(CgroupPaths, OutsideOfTheNamespaceMeansTheMountPoint) {
  for (const char* path : {"0::/../..\n", "0::/../other\n", "0::/a/../b\n"}) {
    const CgroupFacts facts = CgroupMachine(path, kV2Mount,
                                            {{"/sys/fs/cgroup/cpu.max", "150000 100000\n"},
                                             {"/sys/fs/cgroup/a/b/cpu.max", "50000 100000\n"},
                                             {"/sys/fs/cgroup/b/cpu.max", "50000 100000\n"},
                                             {"/sys/fs/cpu.max", "50000 100000\n"},
                                             {"/sys/cpu.max", "50000 100000\n"}})
                                  .Read();
    ASSERT_TRUE(facts.cpu_quota) << path;
    EXPECT_EQ(facts.cpu_quota->source, "/sys/fs/cgroup/cpu.max");
  }
}

TEST(CgroupPaths, ASiblingWithALongerNameIsNotBelowTheMountRoot) {
  const CgroupFacts facts =
      CgroupMachine("0::/docker/abcd\n",
                    "30 23 0:26 /docker/abc /sys/fs/cgroup rw - cgroup2 none rw\n",
                    {{"/sys/fs/cgroup/cpu.max", "150000 100000\n"},
                     {"/sys/fs/cgroup/d/cpu.max", "50000 100000\n"}})
          .Read();
  ASSERT_TRUE(facts.cpu_quota);
  EXPECT_EQ(facts.cpu_quota->source, "/sys/fs/cgroup/cpu.max");
}

TEST(CgroupPaths, OfTwoMountsTheOneThatShowsTheProcessCounts) {
  const std::map<std::string, std::string> files = {{"/sys/fs/cgroup/cpu.max", "100000 100000\n"},
                                                    {"/host/cgroup/cpu.max", "200000 100000\n"}};
  const std::string usual = "/sys/fs/cgroup rw - cgroup2 none rw\n";
  const std::string other = "/host/cgroup rw - cgroup2 none rw\n";
  const CgroupFacts both_show =
      CgroupMachine("0::/\n", "30 1 0:26 / " + usual + "31 1 0:26 / " + other, files).Read();
  EXPECT_EQ(both_show.cpu_quota->source, "/sys/fs/cgroup/cpu.max");
  const CgroupFacts one_shows =
      CgroupMachine("0::/\n", "30 1 0:26 /elsewhere " + usual + "31 1 0:26 / " + other, files)
          .Read();
  EXPECT_EQ(one_shows.cpu_quota->source, "/host/cgroup/cpu.max");
}

TEST(CgroupPaths, ARemovedFolderLeavesTheLevelsAbove) {
  const CgroupFacts facts = CgroupMachine("0::/pod/app (deleted)\n", kV2Mount,
                                          {{"/sys/fs/cgroup/pod/cpu.max", "150000 100000\n"}})
                                .Read();
  ASSERT_TRUE(facts.cpu_quota);
  EXPECT_EQ(facts.cpu_quota->source, "/sys/fs/cgroup/pod/cpu.max");
}

/// Of the cpu controller of this machine.
std::optional<CgroupHierarchy> FindCpu(const std::string& memberships, const std::string& mounts,
                                       const std::map<std::string, std::string>& files = {}) {
  const CgroupMachine machine(memberships, mounts, files);
  RootedFiles reader(machine.Path(""));
  return CgroupTable(reader).Find("cpu");
}

TEST(CgroupTable, ListsLevelsFromTheOwnUpToTheMountPoint) {
  const auto cpu = FindCpu("0::/a/b\n", kV2Mount);
  ASSERT_TRUE(cpu);
  EXPECT_EQ(cpu->version, 2);
  EXPECT_THAT(cpu->levels, ElementsAre("/sys/fs/cgroup/a/b", "/sys/fs/cgroup/a", "/sys/fs/cgroup"));
}

TEST(CgroupTable, AControllerIsAWholeWord) {
  EXPECT_FALSE(FindCpu("2:cpuset,cpuacct:/\n1:name=cpu:/\n",
                       "32 31 0:29 / /sys/fs/cgroup/x rw - cgroup cgroup rw,cpuset,cpuacct\n"));
}

TEST(CgroupTable, AFolderThatOnlyBeginsLikeTheUsualPlaceIsNotIt) {
  const auto cpu = FindCpu("0::/\n",
                           "30 1 0:26 / /sys/fs/cgroup rw - cgroup2 none rw\n"
                           "31 1 0:26 / /sys/fs/cgroup-copy rw - cgroup2 none rw\n",
                           {{"/sys/fs/cgroup/x", ""}, {"/sys/fs/cgroup-copy/x", ""}});
  EXPECT_THAT(cpu->levels, ElementsAre("/sys/fs/cgroup"));
}

TEST(CgroupTable, KnowsTrueRootsByTheirFiles) {
  const std::string v2 = "/sys/fs/cgroup/";
  EXPECT_FALSE(FindCpu("0::/\n", kV2Mount, {{v2 + "cpu.stat", ""}})->hidden_above);
  EXPECT_TRUE(FindCpu("0::/\n", kV2Mount, {{v2 + "cgroup.type", ""}})->hidden_above);
  const std::string v1 = "/sys/fs/cgroup/cpu,cpuacct/";
  const std::string memberships = "3:cpu,cpuacct:/\n";
  EXPECT_TRUE(FindCpu(memberships, kV1CpuMount, {{v1 + "cgroup.procs", ""}})->hidden_above);
  EXPECT_FALSE(
      FindCpu(memberships, kV1CpuMount, {{v1 + "cgroup.procs", ""}, {v1 + "release_agent", ""}})
          ->hidden_above);
}

}  // namespace
}  // namespace coresweep
