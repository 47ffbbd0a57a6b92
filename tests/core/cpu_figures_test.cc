#include "harness/core/cpu_figures.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace coresweep {
namespace {

HostFacts TwoOfEight() {
  HostFacts facts;
  facts.present_cpus = 16;
  facts.visible_cpus = 8;
  facts.allowed = {4, 5};
  facts.cgroup_version = 2;
  return facts;
}

/// The name of the one figure that binds.
std::string Binding(const HostFacts& facts) {
  const auto figures = CpuFigures(facts);
  EXPECT_EQ(std::count_if(figures.begin(), figures.end(), [](const auto& f) { return f.binds; }),
            1);
  return std::find_if(figures.begin(), figures.end(), [](const auto& f) { return f.binds; })->name;
}

TEST(CpuFigures, AreFiveWithTheirSources) {
  const auto figures = CpuFigures(TwoOfEight());
  ASSERT_EQ(figures.size(), 5U);
  EXPECT_EQ(figures[0].name, "nominal");
  EXPECT_EQ(figures[0].value, 16);
  EXPECT_EQ(figures[1].name, "visible");
  EXPECT_EQ(figures[1].value, 8);
  EXPECT_EQ(figures[2].name, "allowed");
  EXPECT_EQ(figures[2].value, 2);
  EXPECT_EQ(figures[2].source, "sched_getaffinity and hwloc");
  EXPECT_EQ(figures[3].source, "none in cgroup v2");
  EXPECT_FALSE(figures[3].value);
  EXPECT_EQ(figures[4].source, "not measured");
  EXPECT_FALSE(figures[4].value);
}

TEST(CpuFigures, TheTightestBinds) {
  HostFacts facts = TwoOfEight();
  EXPECT_EQ(Binding(facts), "allowed");
  facts.cpu_quota = {2, "cpu.max"};
  EXPECT_EQ(Binding(facts), "allowed");
  facts.cpu_quota = {1.5, "cpu.max"};
  EXPECT_EQ(Binding(facts), "quota");
  facts.measured = MeasuredCpus{1.45, 1, 2};
  EXPECT_EQ(Binding(facts), "quota");
  facts.measured = MeasuredCpus{0.9, 1, 2};
  EXPECT_EQ(Binding(facts), "measured");
}

TEST(CpuFigures, SayWhyThereIsNoQuota) {
  HostFacts facts = TwoOfEight();
  facts.cpu_hidden_above = true;
  EXPECT_EQ(CpuFigures(facts)[3].source, "none in cgroup v2, as far as can be seen");
  facts.cgroup_version = 0;
  EXPECT_EQ(CpuFigures(facts)[3].source, "no cgroup of the cpu controller is visible");
}

TEST(CpuFigures, NameTheCpusetAndTheForeignTopology) {
  HostFacts facts = TwoOfEight();
  facts.cpuset = {CpuSet{4, 5}, "/cg/cpuset.cpus"};
  EXPECT_EQ(CpuFigures(facts)[2].source, "sched_getaffinity and hwloc; cpuset /cg/cpuset.cpus");
  facts.foreign = "pack:2 core:4";
  EXPECT_EQ(CpuFigures(facts)[2].source, "pack:2 core:4");
}

}  // namespace
}  // namespace coresweep
