#include "harness/core/host_facts.h"

#include <gtest/gtest.h>

namespace coresweep {
namespace {

HostFacts FourCpus() {
  HostFacts facts;
  facts.allowed = {0, 1, 2, 3};
  return facts;
}

HostFacts WithQuota(double cpus) {
  HostFacts facts = FourCpus();
  facts.cpu_quota = {cpus, "/sys/fs/cgroup/cpu.max"};
  return facts;
}

TEST(HostFacts, UsableCpusAreTheAllowedOnesWithoutAQuota) {
  EXPECT_EQ(FourCpus().UsableCpus(), 4);
  EXPECT_EQ(FourCpus().BindingLimit(), "4 allowed CPUs");
}

TEST(HostFacts, AQuotaIsRoundedDownToWholeCpusButNotToNone) {
  EXPECT_EQ(WithQuota(3.99).UsableCpus(), 3);
  EXPECT_EQ(WithQuota(3).UsableCpus(), 3);
  EXPECT_EQ(WithQuota(1.5).UsableCpus(), 1);
  EXPECT_EQ(WithQuota(0.25).UsableCpus(), 1);
}

TEST(HostFacts, AQuotaAboveTheAllowedCpusDoesNotBind) {
  for (const double cpus : {4.0, 4.5, 64.0, 1e15}) {
    EXPECT_EQ(WithQuota(cpus).UsableCpus(), 4) << cpus;
    EXPECT_EQ(WithQuota(cpus).BindingLimit(), "4 allowed CPUs") << cpus;
  }
}

TEST(HostFacts, NamesTheFileOfABindingQuota) {
  EXPECT_EQ(WithQuota(1.5).BindingLimit(), "quota of 1.5 CPUs (/sys/fs/cgroup/cpu.max)");
  EXPECT_EQ(WithQuota(1).BindingLimit(), "quota of 1 CPU (/sys/fs/cgroup/cpu.max)");
}

TEST(HostFacts, OneAllowedCpuIsNotAPlural) {
  HostFacts facts;
  facts.allowed = {7};
  EXPECT_EQ(facts.BindingLimit(), "1 allowed CPU");
}

TEST(HostFacts, UsableMemoryIsTheLimitOrWhatTheMachineHas) {
  HostFacts facts;
  facts.memory_total_bytes = 1000;
  EXPECT_EQ(facts.UsableMemoryBytes(), 1000U);
  facts.memory_limit_bytes = {400, "/sys/fs/cgroup/memory.max"};
  EXPECT_EQ(facts.UsableMemoryBytes(), 400U);
  facts.memory_limit_bytes->value = 5000;
  EXPECT_EQ(facts.UsableMemoryBytes(), 1000U);
  facts.memory_total_bytes = 0;
  EXPECT_EQ(facts.UsableMemoryBytes(), 5000U);
}

/// The spin test got `cpus`.
HostFacts WithMeasured(HostFacts facts, double cpus) {
  facts.measured = MeasuredCpus{cpus, 0.5, facts.allowed.Count()};
  return facts;
}

TEST(HostFacts, DeclaredCpusAreTheLesserOfQuotaAndAllowed) {
  EXPECT_DOUBLE_EQ(FourCpus().DeclaredCpus(), 4);
  EXPECT_DOUBLE_EQ(WithQuota(1.5).DeclaredCpus(), 1.5);
  EXPECT_DOUBLE_EQ(WithQuota(9).DeclaredCpus(), 4);
}

TEST(HostFacts, AMeasurementBindsOnlyWhereItFallsClearlyShort) {
  EXPECT_FALSE(FourCpus().MeasuredBinds());
  EXPECT_FALSE(WithMeasured(FourCpus(), 3.61).MeasuredBinds());
  EXPECT_TRUE(WithMeasured(FourCpus(), 3.59).MeasuredBinds());
  EXPECT_FALSE(WithMeasured(WithQuota(0.5), 0.46).MeasuredBinds());
  EXPECT_TRUE(WithMeasured(WithQuota(0.5), 0.44).MeasuredBinds());
  EXPECT_FALSE(WithMeasured(FourCpus(), 4.2).MeasuredBinds());
}

TEST(HostFacts, ABindingMeasurementIsRoundedDownAfterATenth) {
  EXPECT_EQ(WithMeasured(FourCpus(), 1.89).UsableCpus(), 1);
  EXPECT_EQ(WithMeasured(FourCpus(), 1.91).UsableCpus(), 2);
  EXPECT_EQ(WithMeasured(FourCpus(), 0.2).UsableCpus(), 1);
  EXPECT_EQ(WithMeasured(FourCpus(), 3.7).UsableCpus(), 4);  // does not bind
  EXPECT_EQ(WithMeasured(WithQuota(2.5), 2.4).UsableCpus(), 2);
  EXPECT_EQ(WithMeasured(FourCpus(), 0.48).BindingLimit(),
            "0.48 CPUs that a spin test got, of 4 as read");
}

TEST(MostCpus, RoundsUpWhatUsableCpusRoundsDown) {
  HostFacts facts;
  facts.allowed = CpuSet{0, 1, 2, 3};
  EXPECT_EQ(facts.MostCpus(), 4);
  facts.cpu_quota = Limit<double>{2.5, "cpu.max"};
  EXPECT_EQ(facts.UsableCpus(), 2);
  EXPECT_EQ(facts.MostCpus(), 3);
  facts.cpu_quota->value = 0.5;
  EXPECT_EQ(facts.MostCpus(), 1);
  facts.measured = MeasuredCpus{0.4, 0.5, 4};  // a limit below what was read
  EXPECT_EQ(facts.MostCpus(), 1);
  facts.cpu_quota.reset();
  facts.measured->cpus = 1.98;
  EXPECT_EQ(facts.UsableCpus(), 2);
  EXPECT_EQ(facts.MostCpus(), 2);
}

}  // namespace
}  // namespace coresweep
