#include "harness/host/cgroup_cpu.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "tests/host/cgroup_machine.h"

namespace coresweep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// A container with cgroup v2 and a private namespace, whose cpu.max holds `text`.
CgroupFacts WithCpuMax(const std::string& text) {
  return CgroupMachine("0::/\n", kV2Mount, {{"/sys/fs/cgroup/cpu.max", text}}).Read();
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
      CgroupMachine("0::/\n", kV2Mount, {{"/sys/fs/cgroup/cpu.max/oddity", ""}}).Read();
  EXPECT_FALSE(facts.cpu_quota);
  EXPECT_THAT(facts.warnings, ElementsAre(HasSubstr("EISDIR")));
}

/// Quotas of the own cgroup, its parent and the mount point.
CgroupMachine Nested(const std::string& leaf, const std::string& parent, const std::string& top) {
  return {"0::/pod/app\n",
          kV2Mount,
          {{"/sys/fs/cgroup/pod/app/cpu.max", leaf},
           {"/sys/fs/cgroup/pod/app/cpu.stat", "nr_periods 1\n"},
           {"/sys/fs/cgroup/pod/cpu.max", parent},
           {"/sys/fs/cgroup/pod/cpu.stat", "nr_periods 2\n"},
           {"/sys/fs/cgroup/cpu.max", top},
           {"/sys/fs/cgroup/cpu.stat", "nr_periods 3\n"}}};
}

TEST(CgroupV2, OnATieTheNearestLevelIsNamed) {
  const CgroupFacts facts = Nested("max\n", "200000 100000\n", "200000 100000\n").Read();
  ASSERT_TRUE(facts.cpu_quota);
  EXPECT_EQ(facts.cpu_quota->source, "/sys/fs/cgroup/pod/cpu.max");
}

TEST(CgroupV2, WithoutAQuotaThrottlingIsReadAtTheOwnLevel) {
  const CgroupMachine host = Nested("max\n", "max\n", "max\n");
  EXPECT_EQ(host.Read().cpu_stat_path, host.Path("/sys/fs/cgroup/pod/app/cpu.stat"));
}

TEST(CgroupV2, AGarbledLevelDoesNotHideTheOthers) {
  const CgroupFacts facts = Nested("what?\n", "200000 100000\n", "max\n").Read();
  ASSERT_TRUE(facts.cpu_quota);
  EXPECT_DOUBLE_EQ(facts.cpu_quota->value, 2);
  EXPECT_EQ(facts.warnings.size(), 1U);
}

TEST(CgroupV2, TheRootOfTheMachineHasAControllerButNoQuotaFile) {
  const CgroupFacts facts =
      CgroupMachine("0::/\n", kV2Mount, {{"/sys/fs/cgroup/cgroup.controllers", "cpuset cpu io\n"}})
          .Read();
  EXPECT_EQ(facts.cpu_version, 2);
  EXPECT_FALSE(facts.cpu_quota);
  EXPECT_THAT(facts.warnings, IsEmpty());
}

TEST(CgroupV1, AMissingOrGarbledPeriodIsTheKernelsDefault) {
  const std::string folder = "/sys/fs/cgroup/cpu,cpuacct/";
  for (const char* period : {"", "0\n", "soon\n"}) {
    std::map<std::string, std::string> files = {{folder + "cpu.cfs_quota_us", "150000\n"}};
    if (*period != '\0') files[folder + "cpu.cfs_period_us"] = period;
    const CgroupFacts facts = CgroupMachine("3:cpu,cpuacct:/\n", kV1CpuMount, files).Read();
    ASSERT_TRUE(facts.cpu_quota) << period;
    EXPECT_DOUBLE_EQ(facts.cpu_quota->value, 1.5);
    EXPECT_THAT(facts.warnings, ElementsAre(HasSubstr("cpu.cfs_period_us")));
  }
}

TEST(CgroupV1, IgnoresAGarbledQuotaWithAWarning) {
  for (const char* quota : {"", "two\n", "0\n", "-7\n"}) {
    const CgroupFacts facts =
        CgroupMachine("3:cpu,cpuacct:/\n", kV1CpuMount,
                      {{"/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", quota}})
            .Read();
    EXPECT_FALSE(facts.cpu_quota) << quota;
    EXPECT_THAT(facts.warnings, ElementsAre(HasSubstr("cpu.cfs_quota_us"))) << quota;
  }
}

}  // namespace
}  // namespace coresweep
