#include "bench/foreign_host.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "harness/base/error.h"

namespace coresweep {
namespace {

using testing::HasSubstr;

/// The options as the words of a command line give them.
HostOptions Given(std::vector<std::string> words) {
  CLI::App app;
  HostOptions options;
  options.DeclareTopology(app);
  options.DeclareCpuQuota(app);
  std::reverse(words.begin(), words.end());  // CLI11 takes them from the back
  app.parse(words);
  return options;
}

std::string RefusalOf(const HostOptions& options) {
  try {
    static_cast<void>(options.ReadMachine());
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(ForeignFacts, AreOfTheContainerThatWasAskedFor) {
  const HostFacts facts = FactsOfForeign("package:2 core:4 pu:2", CpuSet{0, 1, 2, 3, 8}, 3.5);
  EXPECT_EQ(facts.foreign, "package:2 core:4 pu:2");
  EXPECT_EQ(facts.allowed.ToList(), "0-3,8");
  EXPECT_EQ(facts.affinity, facts.allowed);
  EXPECT_EQ(facts.hwloc_allowed, facts.allowed);
  EXPECT_EQ(facts.topology.pus.size(), 5U);
  EXPECT_EQ(facts.machine.pus.size(), 16U);
  EXPECT_EQ(facts.visible_cpus, 16);
  EXPECT_EQ(facts.UsableCpus(), 3);
  EXPECT_THAT(facts.BindingLimit(), HasSubstr("--cpu-quota"));
  EXPECT_EQ(facts.memory_total_bytes, uint64_t{1} << 30) << "hwloc's synthetic default";
}

TEST(ForeignFacts, HaveNoQuotaOfThisContainer) {
  const HostFacts facts = FactsOfForeign("core:4 pu:1", {}, {});
  EXPECT_FALSE(facts.cpu_quota.has_value());
  EXPECT_EQ(facts.UsableCpus(), 4);
}

TEST(HostOptions, WithoutAnyAreThisMachine) {
  const HostOptions options = Given({});
  EXPECT_EQ(options.Notice(), "");
  EXPECT_EQ(options.Foreign(), "");
  EXPECT_EQ(options.ReadMachine().usable.Cpus().Intersect(GetAffinity()),
            options.ReadMachine().usable.Cpus());
  EXPECT_EQ(options.ReadFacts({}).foreign, "");
}

TEST(HostOptions, OfAnotherMachineSayThatNothingIsBound) {
  const HostOptions options = Given({"--topology", "core:4 pu:1", "--allowed", "1-2"});
  EXPECT_EQ(options.Notice(), "a plan for another machine (core:4 pu:1): nothing is bound");
  EXPECT_EQ(options.ReadMachine().usable.Cpus().ToList(), "1-2");
  EXPECT_EQ(options.ReadFacts({}).allowed.ToList(), "1-2");
}

TEST(HostOptions, RestrictThisMachineToo) {
  const std::string cpu = CpuSet{GetAffinity().ToVector().back()}.ToList();
  const HostOptions options = Given({"--allowed", cpu, "--cpu-quota", "0.5"});
  EXPECT_EQ(options.Notice(), "a plan for another container on this machine (--allowed " + cpu +
                                  " --cpu-quota 0.5): nothing is bound");
  const HostFacts facts = options.ReadFacts({});
  EXPECT_EQ(facts.allowed.ToList(), cpu);
  EXPECT_EQ(facts.topology.Cpus().ToList(), cpu);
  EXPECT_EQ(facts.UsableCpus(), 1);
  ASSERT_TRUE(facts.cpu_quota.has_value());
  EXPECT_EQ(facts.cpu_quota->value, 0.5);
}

TEST(HostOptions, NameTheOptionThatIsWrong) {
  EXPECT_THAT(RefusalOf(Given({"--allowed", "a-b"})), HasSubstr("--allowed \"a-b\""));
  EXPECT_THAT(RefusalOf(Given({"--allowed", "100000"})), HasSubstr("--allowed 100000"));
  EXPECT_THAT(RefusalOf(Given({"--topology", "core:2 pu:1", "--allowed", "2"})),
              HasSubstr("CPUs 2"));
  EXPECT_THROW(Given({"--cpu-quota", "0"}), CLI::ValidationError);
}

}  // namespace
}  // namespace coresweep
