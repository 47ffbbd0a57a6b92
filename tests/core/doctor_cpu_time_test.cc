#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/core/quiet_host.h"

namespace coresweep {
namespace {

using testing::HasSubstr;

HostFacts HostWithQuota(double cpus) {
  HostFacts facts = QuietHost();
  facts.cpu_quota = {cpus, "/sys/fs/cgroup/cpu.max"};
  facts.measured.reset();
  return facts;
}

TEST(DoctorCpuTime, SaysWhatAQuotaBelowTheCpusCosts) {
  const Finding finding = Found(HostWithQuota(1.5), "quota-below-cpus");
  EXPECT_EQ(finding.severity, "problem");
  EXPECT_THAT(finding.text, HasSubstr("1.5 CPUs (/sys/fs/cgroup/cpu.max)"));
  EXPECT_THAT(finding.text, HasSubstr("starts 2 threads, which are stopped for up to 25 %"));
  EXPECT_THAT(finding.remedy, HasSubstr("at 1 or less"));
  EXPECT_THAT(finding.remedy, HasSubstr("raise the quota to 2 CPUs"));
}

TEST(DoctorCpuTime, AQuotaOfAllAllowedCpusIsNoFinding) {
  for (const double cpus : {2.0, 2.5, 8.0}) {
    for (const char* id : {"quota-below-cpus", "quota-below-one", "fractional-quota"})
      EXPECT_EQ(Found(HostWithQuota(cpus), id).id, "") << cpus;
  }
}

TEST(DoctorCpuTime, SaysHowLongAQuotaBelowOneStopsAThread) {
  HostFacts facts = HostWithQuota(0.25);
  facts.cpu_period_us = 20'000;
  EXPECT_THAT(Found(facts, "quota-below-one").text, HasSubstr("still for 15 ms of every 20 ms"));
  EXPECT_EQ(Found(facts, "fractional-quota").id, "");
  EXPECT_EQ(Found(HostWithQuota(1), "quota-below-one").id, "");
  facts.allowed = {0};
  EXPECT_EQ(Found(facts, "quota-below-cpus").id, "");  // the other finding says it
  EXPECT_EQ(Found(facts, "quota-below-one").severity, "warning");
}

TEST(DoctorCpuTime, OffersBothNeighboursOfAFractionalQuota) {
  HostFacts facts = HostWithQuota(2.5);
  facts.allowed = {0, 1, 2, 3};
  const Finding finding = Found(facts, "fractional-quota");
  EXPECT_EQ(finding.severity, "note");
  EXPECT_THAT(finding.text, HasSubstr("2 threads leave 0.5 of it unused, 3 are stopped for 17 %"));
  EXPECT_THAT(finding.remedy, HasSubstr("--workers 2,3"));
  facts.cpu_quota->value = 3;
  EXPECT_EQ(Found(facts, "fractional-quota").id, "");
}

TEST(DoctorCpuTime, SeesLimitsThatOnlyMeasurementFinds) {
  HostFacts facts = QuietHost();
  facts.measured = MeasuredCpus{0.48, 0.5, 2};
  const Finding finding = Found(facts, "measured-below-declared");
  EXPECT_EQ(finding.severity, "problem");
  EXPECT_THAT(finding.text, HasSubstr("2 threads got 0.48 CPUs' worth of time where 2 CPUs"));
  EXPECT_THAT(finding.text, HasSubstr("no quota is visible"));
  EXPECT_THAT(finding.remedy, HasSubstr("at 1 or less"));
}

TEST(DoctorCpuTime, WarnsOfProgramsThatCountVisibleCpus) {
  HostFacts facts = QuietHost();
  facts.visible_cpus = 64;
  const Finding finding = Found(facts, "allowed-below-visible");
  EXPECT_EQ(finding.severity, "warning");
  EXPECT_THAT(finding.text, HasSubstr("64 CPUs are visible"));
  EXPECT_THAT(finding.text, HasSubstr("starts 64 threads on 2 CPUs"));
}

TEST(DoctorCpuTime, NotesWhereHwlocAndTheMaskDiffer) {
  HostFacts facts = QuietHost();
  facts.hwloc_allowed = {0, 1, 2};
  EXPECT_THAT(Found(facts, "hwloc-affinity-differ").text, HasSubstr("hwloc allows CPUs 0-2"));
  facts.hwloc_allowed = {};  // another machine's topology
  EXPECT_EQ(Found(facts, "hwloc-affinity-differ").id, "");
}

TEST(DoctorCpuTime, HiddenLevelsMatterOnlyUnmeasured) {
  HostFacts facts = QuietHost();
  facts.cpu_hidden_above = true;
  EXPECT_EQ(Found(facts, "limits-above-hidden").id, "");
  facts.measured.reset();
  EXPECT_EQ(Found(facts, "limits-above-hidden").severity, "note");
}

TEST(DoctorCpuTime, NotesBurstAndLowWeight) {
  HostFacts facts = QuietHost();
  facts.cpu_burst_us = {0, "b"};
  EXPECT_EQ(Found(facts, "cpu-burst").id, "");
  facts.cpu_burst_us->value = 50'000;
  EXPECT_THAT(Found(facts, "cpu-burst").text, HasSubstr("50 ms"));
  facts.cpu_weight = {39, "w"};
  EXPECT_THAT(Found(facts, "cpu-weight-low").text, HasSubstr("CPU weight is 39 (w)"));
  facts.cgroup_version = 1;
  facts.cpu_weight = {512, "w"};
  EXPECT_THAT(Found(facts, "cpu-weight-low").text, HasSubstr("usual value 1024"));
  facts.cpu_weight = {1024, "w"};
  EXPECT_EQ(Found(facts, "cpu-weight-low").id, "");
}

TEST(DoctorCpuTime, WarnsOfIsolatedCpus) {
  HostFacts facts = QuietHost();
  facts.isolated = {1};
  EXPECT_THAT(Found(facts, "isolated-cpus").text, HasSubstr("CPUs 1 are isolated"));
}

}  // namespace
}  // namespace coresweep
