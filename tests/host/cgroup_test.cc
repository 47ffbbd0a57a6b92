#include "harness/host/cgroup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "tests/base/temp_folder.h"

namespace coresweep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kV2Mount =
    "30 23 0:26 / /sys/fs/cgroup ro,nosuid - cgroup2 cgroup rw,nsdelegate\n";
constexpr const char* kV1CpuMount =
    "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct\n";
constexpr const char* kV1MemoryMount =
    "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n";

/// A machine of files, read as if it were ours.
class Host {
 public:
  Host(const std::string& memberships, const std::string& mounts,
       const std::map<std::string, std::string>& files = {}) {
    folder_.Write("/proc/self/cgroup", memberships);
    folder_.Write("/proc/self/mountinfo", mounts);
    for (const auto& [name, text] : files)
      folder_.Write(name, text);
  }
  [[nodiscard]] CgroupFacts Read() const { return ReadCgroups(folder_.path()); }
  [[nodiscard]] std::string Path(const std::string& name) const {
    return folder_.path().string() + name;
  }

 private:
  TempFolder folder_;
};

/// A container with cgroup v2 and a private namespace, whose cpu.max holds `text`.
CgroupFacts WithCpuMax(const std::string& text) {
  return Host("0::/\n", kV2Mount, {{"/sys/fs/cgroup/cpu.max", text}}).Read();
}

TEST(CgroupV2, ReadsFractionalQuotas) {
  const std::map<std::string, double> quotas = {{"25000 100000\n", 0.25},  {"50000 100000\n", 0.5},
                                                {"150000 100000\n", 1.5},  {"250000 100000\n", 2.5},
                                                {"399000 100000\n", 3.99}, {"10000 20000\n", 0.5}};
  for (const auto& [text, cpus] : quotas) {
    const CgroupFacts facts = WithCpuMax(text);
    ASSERT_TRUE(facts.cpu_quota) << text;
    EXPECT_DOUBLE_EQ(facts.cpu_quota->value, cpus) << text;
    EXPECT_EQ(facts.cpu_quota->source, "/sys/fs/cgroup/cpu.max");
    EXPECT_EQ(facts.cpu_version, 2);
    EXPECT_THAT(facts.warnings, IsEmpty());
  }
}

TEST(CgroupV2, MaxIsNoQuota) {
  const CgroupFacts facts = WithCpuMax("max 100000\n");
  EXPECT_FALSE(facts.cpu_quota);
  EXPECT_EQ(facts.cpu_version, 2);
  EXPECT_THAT(facts.warnings, IsEmpty());
}

TEST(CgroupV2, MissingPeriodIsTheKernelsDefault) {
  const CgroupFacts facts = WithCpuMax("150000\n");
  ASSERT_TRUE(facts.cpu_quota);
  EXPECT_DOUBLE_EQ(facts.cpu_quota->value, 1.5);
}

TEST(CgroupV2, IgnoresGarbageWithAWarning) {
  for (const char* text :
       {"", "abc\n", "100000 0\n", "100000 -5\n", "-1 100000\n", "0 100000\n", "1e5 100000\n",
        "100000 inf\n", "100000 100000 7\n", "99999999999999999999 100000\n"}) {
    const CgroupFacts facts = WithCpuMax(text);
    EXPECT_FALSE(facts.cpu_quota) << text;
    EXPECT_THAT(facts.warnings, ElementsAre(HasSubstr("/sys/fs/cgroup/cpu.max"))) << text;
  }
}

TEST(CgroupV2, AFolderInPlaceOfTheFileIsUnreadableNotFatal) {
  const CgroupFacts facts =
      Host("0::/\n", kV2Mount, {{"/sys/fs/cgroup/cpu.max/oddity", ""}}).Read();
  EXPECT_FALSE(facts.cpu_quota);
  EXPECT_THAT(facts.warnings, ElementsAre(HasSubstr("EISDIR")));
}

/// Quotas of the own cgroup, its parent and the mount point.
Host Nested(const std::string& leaf, const std::string& parent, const std::string& top) {
  return {"0::/pod/app\n",
          kV2Mount,
          {{"/sys/fs/cgroup/pod/app/cpu.max", leaf},
           {"/sys/fs/cgroup/pod/app/cpu.stat", "nr_periods 1\n"},
           {"/sys/fs/cgroup/pod/cpu.max", parent},
           {"/sys/fs/cgroup/pod/cpu.stat", "nr_periods 2\n"},
           {"/sys/fs/cgroup/cpu.max", top},
           {"/sys/fs/cgroup/cpu.stat", "nr_periods 3\n"}}};
}

TEST(CgroupV2, ATighterParentBinds) {
  const Host host = Nested("max 100000\n", "200000 100000\n", "max 100000\n");
  const CgroupFacts facts = host.Read();
  ASSERT_TRUE(facts.cpu_quota);
  EXPECT_DOUBLE_EQ(facts.cpu_quota->value, 2);
  EXPECT_EQ(facts.cpu_quota->source, "/sys/fs/cgroup/pod/cpu.max");
  EXPECT_EQ(facts.cpu_stat_path, host.Path("/sys/fs/cgroup/pod/cpu.stat"));
}

TEST(CgroupV2, ATighterLeafBinds) {
  const Host host = Nested("50000 100000\n", "200000 100000\n", "300000 100000\n");
  const CgroupFacts facts = host.Read();
  ASSERT_TRUE(facts.cpu_quota);
  EXPECT_DOUBLE_EQ(facts.cpu_quota->value, 0.5);
  EXPECT_EQ(facts.cpu_stat_path, host.Path("/sys/fs/cgroup/pod/app/cpu.stat"));
}

TEST(CgroupV2, TheMountPointItselfMayBind) {
  const CgroupFacts facts = Nested("300000 100000\n", "200000 100000\n", "100000 100000\n").Read();
  ASSERT_TRUE(facts.cpu_quota);
  EXPECT_EQ(facts.cpu_quota->source, "/sys/fs/cgroup/cpu.max");
}

TEST(CgroupV2, OnATieTheNearestLevelIsNamed) {
  const CgroupFacts facts = Nested("max\n", "200000 100000\n", "200000 100000\n").Read();
  ASSERT_TRUE(facts.cpu_quota);
  EXPECT_EQ(facts.cpu_quota->source, "/sys/fs/cgroup/pod/cpu.max");
}

TEST(CgroupV2, WithoutAQuotaThrottlingIsReadAtTheOwnLevel) {
  const Host host = Nested("max\n", "max\n", "max\n");
  EXPECT_EQ(host.Read().cpu_stat_path, host.Path("/sys/fs/cgroup/pod/app/cpu.stat"));
}

TEST(CgroupV2, AGarbledLevelDoesNotHideTheOthers) {
  const CgroupFacts facts = Nested("what?\n", "200000 100000\n", "max\n").Read();
  ASSERT_TRUE(facts.cpu_quota);
  EXPECT_DOUBLE_EQ(facts.cpu_quota->value, 2);
  EXPECT_EQ(facts.warnings.size(), 1U);
}

TEST(CgroupV2, TakesTheTightestMemoryLimit) {
  const CgroupFacts facts = Host("0::/pod/app\n", kV2Mount,
                                 {{"/sys/fs/cgroup/pod/app/memory.max", "max\n"},
                                  {"/sys/fs/cgroup/pod/memory.max", "1073741824\n"},
                                  {"/sys/fs/cgroup/memory.max", "2147483648\n"}})
                                .Read();
  ASSERT_TRUE(facts.memory_limit_bytes);
  EXPECT_EQ(facts.memory_limit_bytes->value, uint64_t{1} << 30);
  EXPECT_EQ(facts.memory_limit_bytes->source, "/sys/fs/cgroup/pod/memory.max");
}

TEST(CgroupV2, MountedWithoutItsCpuControllerIsNoCpuCgroup) {
  const CgroupFacts facts = Host("0::/\n", kV2Mount,
                                 {{"/sys/fs/cgroup/cgroup.controllers", "memory pids\n"},
                                  {"/sys/fs/cgroup/cpu.stat", "usage_usec 5\n"}})
                                .Read();
  EXPECT_EQ(facts.cpu_version, 0);
  EXPECT_EQ(facts.cpu_stat_path, "");
  EXPECT_THAT(facts.warnings, ElementsAre(HasSubstr("is unknown")));
}

TEST(CgroupV2, TheRootOfTheMachineHasAControllerButNoQuotaFile) {
  const CgroupFacts facts =
      Host("0::/\n", kV2Mount, {{"/sys/fs/cgroup/cgroup.controllers", "cpuset cpu io\n"}}).Read();
  EXPECT_EQ(facts.cpu_version, 2);
  EXPECT_FALSE(facts.cpu_quota);
  EXPECT_THAT(facts.warnings, IsEmpty());
}

TEST(CgroupV1, ReadsQuotaMemoryAndStat) {
  // Docker without a namespace: the mounts show the container's own cgroup as their root.
  const Host host(
      "4:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n",
      "32 31 0:29 /docker/abc /sys/fs/cgroup/cpu,cpuacct ro - cgroup cgroup rw,cpu,cpuacct\n"
      "35 31 0:32 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n",
      {{"/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "250000\n"},
       {"/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n"},
       {"/sys/fs/cgroup/cpu,cpuacct/cpu.stat", "nr_periods 0\n"},
       {"/sys/fs/cgroup/memory/memory.limit_in_bytes", "536870912\n"}});
  const CgroupFacts facts = host.Read();
  EXPECT_EQ(facts.cpu_version, 1);
  ASSERT_TRUE(facts.cpu_quota);
  EXPECT_DOUBLE_EQ(facts.cpu_quota->value, 2.5);
  EXPECT_EQ(facts.cpu_quota->source, "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us");
  EXPECT_EQ(facts.cpu_stat_path, host.Path("/sys/fs/cgroup/cpu,cpuacct/cpu.stat"));
  ASSERT_TRUE(facts.memory_limit_bytes);
  EXPECT_EQ(facts.memory_limit_bytes->value, 536'870'912U);
  EXPECT_THAT(facts.warnings, IsEmpty());
}

TEST(CgroupV1, MountsOfCpuAndCpuacctMayBeApart) {
  const CgroupFacts facts =
      Host("3:cpuacct:/a\n2:cpu:/b\n",
           "33 31 0:30 / /sys/fs/cgroup/cpuacct rw - cgroup cgroup rw,cpuacct\n"
           "32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n",
           {{"/sys/fs/cgroup/cpuacct/a/cpu.cfs_quota_us", "100000\n"},
            {"/sys/fs/cgroup/cpu/b/cpu.cfs_quota_us", "200000\n"},
            {"/sys/fs/cgroup/cpu/b/cpu.cfs_period_us", "100000\n"}})
          .Read();
  ASSERT_TRUE(facts.cpu_quota);
  EXPECT_EQ(facts.cpu_quota->source, "/sys/fs/cgroup/cpu/b/cpu.cfs_quota_us");
}

TEST(CgroupV1, AQuotaOfTheTaskBindsItsUnlimitedContainers) {
  // As Amazon ECS nests them.
  const Host host("3:cpu,cpuacct:/ecs/task/container\n", kV1CpuMount,
                  {{"/sys/fs/cgroup/cpu,cpuacct/ecs/task/container/cpu.cfs_quota_us", "-1\n"},
                   {"/sys/fs/cgroup/cpu,cpuacct/ecs/task/container/cpu.cfs_period_us", "100000\n"},
                   {"/sys/fs/cgroup/cpu,cpuacct/ecs/task/container/cpu.stat", "nr_periods 0\n"},
                   {"/sys/fs/cgroup/cpu,cpuacct/ecs/task/cpu.cfs_quota_us", "100000\n"},
                   {"/sys/fs/cgroup/cpu,cpuacct/ecs/task/cpu.cfs_period_us", "100000\n"},
                   {"/sys/fs/cgroup/cpu,cpuacct/ecs/task/cpu.stat", "nr_periods 9\n"},
                   {"/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "-1\n"}});
  const CgroupFacts facts = host.Read();
  ASSERT_TRUE(facts.cpu_quota);
  EXPECT_DOUBLE_EQ(facts.cpu_quota->value, 1);
  EXPECT_EQ(facts.cpu_stat_path, host.Path("/sys/fs/cgroup/cpu,cpuacct/ecs/task/cpu.stat"));
  EXPECT_THAT(facts.warnings, IsEmpty());
}

TEST(CgroupV1, AMissingOrGarbledPeriodIsTheKernelsDefault) {
  const std::string folder = "/sys/fs/cgroup/cpu,cpuacct/";
  for (const char* period : {"", "0\n", "soon\n"}) {
    std::map<std::string, std::string> files = {{folder + "cpu.cfs_quota_us", "150000\n"}};
    if (*period != '\0') files[folder + "cpu.cfs_period_us"] = period;
    const CgroupFacts facts = Host("3:cpu,cpuacct:/\n", kV1CpuMount, files).Read();
    ASSERT_TRUE(facts.cpu_quota) << period;
    EXPECT_DOUBLE_EQ(facts.cpu_quota->value, 1.5);
    EXPECT_THAT(facts.warnings, ElementsAre(HasSubstr("cpu.cfs_period_us")));
  }
}

TEST(CgroupV1, IgnoresAGarbledQuotaWithAWarning) {
  for (const char* quota : {"", "two\n", "0\n", "-7\n"}) {
    const CgroupFacts facts = Host("3:cpu,cpuacct:/\n", kV1CpuMount,
                                   {{"/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", quota}})
                                  .Read();
    EXPECT_FALSE(facts.cpu_quota) << quota;
    EXPECT_THAT(facts.warnings, ElementsAre(HasSubstr("cpu.cfs_quota_us"))) << quota;
  }
}

TEST(CgroupV1, TheLargestNumberIsNoMemoryLimit) {
  for (const char* bytes : {"9223372036854771712\n", "9223372036854710272\n"}) {
    const CgroupFacts facts = Host("4:memory:/\n", kV1MemoryMount,
                                   {{"/sys/fs/cgroup/memory/memory.limit_in_bytes", bytes}})
                                  .Read();
    EXPECT_FALSE(facts.memory_limit_bytes) << bytes;
  }
}

TEST(CgroupV1, SeesMemoryLimitsAboveTheMountPoint) {
  const CgroupFacts facts =
      Host("4:memory:/\n", kV1MemoryMount,
           {{"/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"},
            {"/sys/fs/cgroup/memory/memory.stat",
             "cache 12\nhierarchical_memory_limit 268435456\nrss 1\n"}})
          .Read();
  ASSERT_TRUE(facts.memory_limit_bytes);
  EXPECT_EQ(facts.memory_limit_bytes->value, uint64_t{256} << 20);
  EXPECT_EQ(facts.memory_limit_bytes->source, "/sys/fs/cgroup/memory/memory.stat");
}

TEST(CgroupHybrid, TheControllersV1HierarchyCounts) {
  // v1 controllers each at a place of their own, an empty v2 tree beside them.
  const Host host("9:name=systemd:/\n4:memory:/agent/f00\n3:cpuset:/\n2:cpuacct:/\n1:cpu:/\n0::/\n",
                  "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n"
                  "32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu\n"
                  "33 31 0:30 / /sys/fs/cgroup/cpuacct rw,relatime - cgroup cgroup rw,cpuacct\n"
                  "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n"
                  "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n",
                  {{"/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "150000\n"},
                   {"/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n"},
                   {"/sys/fs/cgroup/cpu/cpu.stat", "nr_periods 0\n"},
                   {"/sys/fs/cgroup/unified/cpu.max", "50000 100000\n"},
                   {"/sys/fs/cgroup/memory/agent/f00/memory.limit_in_bytes", "1048576\n"}});
  const CgroupFacts facts = host.Read();
  EXPECT_EQ(facts.cpu_version, 1);
  ASSERT_TRUE(facts.cpu_quota);
  EXPECT_DOUBLE_EQ(facts.cpu_quota->value, 1.5);
  EXPECT_EQ(facts.cpu_stat_path, host.Path("/sys/fs/cgroup/cpu/cpu.stat"));
  EXPECT_EQ(facts.memory_limit_bytes->source,
            "/sys/fs/cgroup/memory/agent/f00/memory.limit_in_bytes");
}

TEST(CgroupHybrid, EachControllerIsFoundByItself) {
  const CgroupFacts facts = Host("4:memory:/\n0::/\n", std::string(kV1MemoryMount) + kV2Mount,
                                 {{"/sys/fs/cgroup/cpu.max", "100000 100000\n"},
                                  {"/sys/fs/cgroup/memory.max", "77\n"},
                                  {"/sys/fs/cgroup/memory/memory.limit_in_bytes", "4096\n"}})
                                .Read();
  EXPECT_EQ(facts.cpu_version, 2);
  EXPECT_EQ(facts.memory_limit_bytes->value, 4096U);
}

TEST(CgroupPaths, UndoesTheEscapesOfMountinfo) {
  const CgroupFacts facts =
      Host("0::/my pod/app\n", "30 23 0:26 /my\\040pod /mnt/a\\040b\\134c rw - cgroup2 none rw\n",
           {{"/mnt/a b\\c/app/cpu.max", "150000 100000\n"}})
          .Read();
  ASSERT_TRUE(facts.cpu_quota);
  EXPECT_EQ(facts.cpu_quota->source, "/mnt/a b\\c/app/cpu.max");
}

TEST(CgroupPaths, OutsideOfTheNamespaceMeansTheMountPoint) {
  for (const char* path : {"0::/../..\n", "0::/../other\n", "0::/a/../b\n"}) {
    const CgroupFacts facts = Host(path, kV2Mount,
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
      Host("0::/docker/abcd\n", "30 23 0:26 /docker/abc /sys/fs/cgroup rw - cgroup2 none rw\n",
           {{"/sys/fs/cgroup/cpu.max", "150000 100000\n"},
            {"/sys/fs/cgroup/d/cpu.max", "50000 100000\n"}})
          .Read();
  ASSERT_TRUE(facts.cpu_quota);
  EXPECT_EQ(facts.cpu_quota->source, "/sys/fs/cgroup/cpu.max");
}

TEST(CgroupPaths, NamesMayBeLongAndHoldColons) {
  const std::string path =
      "/kubepods/" + std::string(200, 'a') + ":x/" + std::string(200, 'b') + ".scope";
  const std::string file = "/sys/fs/cgroup" + path + "/cpu.max";
  const CgroupFacts facts = Host("0::" + path + "\n", kV2Mount, {{file, "150000 100000\n"}}).Read();
  ASSERT_TRUE(facts.cpu_quota);
  EXPECT_EQ(facts.cpu_quota->source, file);
}

TEST(CgroupPaths, OfTwoMountsTheOneThatShowsTheProcessCounts) {
  const std::map<std::string, std::string> files = {{"/sys/fs/cgroup/cpu.max", "100000 100000\n"},
                                                    {"/host/cgroup/cpu.max", "200000 100000\n"}};
  const std::string usual = "/sys/fs/cgroup rw - cgroup2 none rw\n";
  const std::string other = "/host/cgroup rw - cgroup2 none rw\n";
  const CgroupFacts both_show =
      Host("0::/\n", "30 1 0:26 / " + usual + "31 1 0:26 / " + other, files).Read();
  EXPECT_EQ(both_show.cpu_quota->source, "/sys/fs/cgroup/cpu.max");
  const CgroupFacts one_shows =
      Host("0::/\n", "30 1 0:26 /elsewhere " + usual + "31 1 0:26 / " + other, files).Read();
  EXPECT_EQ(one_shows.cpu_quota->source, "/host/cgroup/cpu.max");
}

TEST(CgroupPaths, ARemovedFolderLeavesTheLevelsAbove) {
  const CgroupFacts facts =
      Host("0::/pod/app (deleted)\n", kV2Mount, {{"/sys/fs/cgroup/pod/cpu.max", "150000 100000\n"}})
          .Read();
  ASSERT_TRUE(facts.cpu_quota);
  EXPECT_EQ(facts.cpu_quota->source, "/sys/fs/cgroup/pod/cpu.max");
}

TEST(Cgroup, WithoutAnyMountIsSaid) {
  for (const char* mounts : {"", "23 1 8:1 / / rw - ext4 /dev/root rw\n", "garbage\n\n- - -\n"}) {
    const CgroupFacts facts = Host("0::/\n", mounts).Read();
    EXPECT_EQ(facts.cpu_version, 0);
    EXPECT_FALSE(facts.cpu_quota);
    EXPECT_FALSE(facts.memory_limit_bytes);
    EXPECT_EQ(facts.cpu_stat_path, "");
    EXPECT_THAT(facts.warnings, ElementsAre(HasSubstr("no cgroup of the cpu controller")));
  }
}

TEST(Cgroup, WithoutProcIsNotFatal) {
  const TempFolder empty;
  EXPECT_EQ(ReadCgroups(empty.path()).cpu_version, 0);
}

std::optional<ThrottleCounters> ThrottleOf(const std::string& text) {
  const TempFolder folder;
  folder.Write("cpu.stat", text);
  return ReadThrottle((folder.path() / "cpu.stat").string());
}

TEST(Throttle, ReadsMicrosecondsOfV2) {
  const auto counters = ThrottleOf(
      "usage_usec 5\nuser_usec 3\nsystem_usec 2\nnr_periods 40\nnr_throttled 7\nthrottled_usec "
      "123\nnr_bursts 0\nburst_usec 0\n");
  ASSERT_TRUE(counters);
  EXPECT_EQ(counters->nr_periods, 40);
  EXPECT_EQ(counters->nr_throttled, 7);
  EXPECT_EQ(counters->throttled_ns, 123'000);
}

TEST(Throttle, ReadsNanosecondsOfV1) {
  const auto counters = ThrottleOf("nr_periods 40\nnr_throttled 7\nthrottled_time 123456\n");
  ASSERT_TRUE(counters);
  EXPECT_EQ(counters->throttled_ns, 123'456);
}

TEST(Throttle, IsUnknownWithoutCounters) {
  EXPECT_FALSE(ThrottleOf("usage_usec 5\n"));
  EXPECT_FALSE(ThrottleOf(""));
  EXPECT_FALSE(ReadThrottle("/nowhere/cpu.stat"));
  EXPECT_FALSE(ReadThrottle(""));
}

TEST(Throttle, DifferenceIsNeverNegative) {
  const ThrottleDelta grown = Difference({10, 2, 500}, {15, 3, 900});
  EXPECT_EQ(grown.periods, 5);
  EXPECT_EQ(grown.throttled_periods, 1);
  EXPECT_EQ(grown.throttled_ns, 400);
  const ThrottleDelta reset = Difference({10, 2, 500}, {1, 0, 0});  // moved to another cgroup
  EXPECT_EQ(reset.periods + reset.throttled_periods + reset.throttled_ns, 0);
}

}  // namespace
}  // namespace coresweep
