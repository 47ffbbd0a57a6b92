#include "harness/host/system_facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <limits>

#include "tests/base/temp_folder.h"

namespace coresweep {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;

TEST(SystemFacts, AreReadBelowTheRoot) {
  const TempFolder root;
  root.Write("/sys/devices/system/clocksource/clocksource0/current_clocksource", "kvm-clock\n");
  root.Write("/sys/devices/system/cpu/cpufreq/policy0/scaling_governor", "schedutil\n");
  root.Write("/sys/devices/system/cpu/cpufreq/policy4/scaling_governor", "powersave\n");
  root.Write("/sys/devices/system/cpu/cpufreq/policy8/scaling_governor", "powersave\n");
  root.Write("/proc/stat", "cpu  50 0 10 30 0 0 5 5 40 0\ncpu0 1 1 1 1 1 1 1 1 1 1\n");
  root.Write("/proc/meminfo", "MemTotal: 12 kB\nHugePages_Total:      17\n");
  root.Write("/sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n");
  root.Write("/proc/self/status",
             "Name:\tx\nCapEff:\t00000000a80425fb\nNoNewPrivs:\t1\nSeccomp:\t2\n"
             "Seccomp_filters:\t1\n");
  root.Write("/.dockerenv", "");
  const SystemFacts facts = ReadSystemFacts(root.path(), {"OMP_NUM_THREADS=3", "HOME=/x"});
  EXPECT_EQ(facts.clock_source, "kvm-clock");
  EXPECT_EQ(facts.governor, "powersave, schedutil");
  ASSERT_TRUE(facts.steal_share);
  EXPECT_DOUBLE_EQ(*facts.steal_share, 0.05);
  EXPECT_EQ(facts.huge_pages, 17U);
  EXPECT_EQ(facts.transparent_huge_pages, "madvise");
  EXPECT_EQ(facts.seccomp_mode, 2);
  EXPECT_EQ(facts.no_new_privs, true);
  EXPECT_THAT(facts.capabilities, IsEmpty());  // Docker's default set has none that matter here
  EXPECT_EQ(facts.container, "docker");
  EXPECT_THAT(facts.environment, ElementsAre(Pair("OMP_NUM_THREADS", "3")));
}

TEST(SystemFacts, NameTheCapabilitiesThatMatter) {
  const TempFolder root;
  root.Write("/proc/self/status", "CapEff:\t000000c001a84000\n");
  EXPECT_THAT(ReadSystemFacts(root.path(), {}).capabilities,
              ElementsAre("CAP_IPC_LOCK", "CAP_SYS_PTRACE", "CAP_SYS_ADMIN", "CAP_SYS_NICE",
                          "CAP_SYS_RESOURCE", "CAP_PERFMON", "CAP_BPF"));
}

TEST(SystemFacts, StayEmptyWhereNothingCanBeRead) {
  const TempFolder root;
  const SystemFacts facts = ReadSystemFacts(root.path(), {});
  EXPECT_EQ(facts.clock_source, "");
  EXPECT_EQ(facts.governor, "");
  EXPECT_EQ(facts.virtualization, "");
  EXPECT_EQ(facts.container, "");
  EXPECT_FALSE(facts.steal_share);
  EXPECT_FALSE(facts.huge_pages);
  EXPECT_EQ(facts.transparent_huge_pages, "");
  EXPECT_EQ(facts.seccomp_mode, -1);
  EXPECT_FALSE(facts.no_new_privs);
  EXPECT_THAT(facts.environment, IsEmpty());
}

TEST(SystemFacts, IgnoreGarbage) {
  const TempFolder root;
  root.Write("/proc/stat", "cpu  1 2 three\n");
  root.Write("/sys/kernel/mm/transparent_hugepage/enabled", "]always[\n");
  root.Write("/proc/self/status", "CapEff:\tall\nNoNewPrivs:\tno\nSeccomp:\t\n");
  const SystemFacts facts = ReadSystemFacts(root.path(), {});
  EXPECT_FALSE(facts.steal_share);
  EXPECT_EQ(facts.transparent_huge_pages, "");
  EXPECT_EQ(facts.seccomp_mode, -1);
  EXPECT_FALSE(facts.no_new_privs);
  EXPECT_THAT(facts.capabilities, IsEmpty());
}

TEST(SystemFacts, OfThisProcessHaveAClockLimitsAndProbes) {
  const SystemFacts facts = ReadSystemFacts("/", {});
  ASSERT_TRUE(facts.clock_cost_ns);
  EXPECT_GT(*facts.clock_cost_ns, 0);
  EXPECT_THAT(facts.probes, Not(IsEmpty()));
  rlimit limit{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_EQ(facts.rlimits.at("nofile"), limit.rlim_cur == RLIM_INFINITY
                                            ? std::numeric_limits<uint64_t>::max()
                                            : limit.rlim_cur);
  for (const char* name : {"nproc", "memlock", "as", "stack"})
    EXPECT_TRUE(facts.rlimits.contains(name)) << name;
}

}  // namespace
}  // namespace coresweep
