#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/core/quiet_host.h"

namespace coresweep {
namespace {

using testing::HasSubstr;

TEST(DoctorSystem, AClockIsSlowByItsCostOrElseByItsName) {
  HostFacts facts = QuietHost();
  facts.system.clock_source = "hpet";
  EXPECT_EQ(Found(facts, "clock-slow").id, "");  // it costs little all the same
  facts.system.clock_cost_ns.reset();
  EXPECT_THAT(Found(facts, "clock-slow").text, HasSubstr("hpet"));
  for (const char* fast : {"tsc", "kvm-clock", "hyperv_clocksource_tsc_page", "arch_sys_counter"}) {
    facts.system.clock_source = fast;
    EXPECT_EQ(Found(facts, "clock-slow").id, "") << fast;
  }
  facts.system.clock_cost_ns = 750;
  EXPECT_THAT(Found(facts, "clock-slow").text, HasSubstr("costs 750 ns"));
}

TEST(DoctorSystem, WarnsOfThePowersaveGovernor) {
  HostFacts facts = QuietHost();
  facts.system.governor = "performance, powersave";
  EXPECT_EQ(Found(facts, "governor-powersave").severity, "warning");
  facts.system.governor = "schedutil";
  EXPECT_EQ(Found(facts, "governor-powersave").id, "");
}

TEST(DoctorSystem, StealIsAWarningAboveOnePerCentAndAProblemAboveFive) {
  HostFacts facts = QuietHost();
  facts.system.steal_share = 0.01;
  EXPECT_EQ(Found(facts, "steal").id, "");
  facts.system.steal_share = 0.02;
  EXPECT_EQ(Found(facts, "steal").severity, "warning");
  facts.system.steal_share = 0.06;
  EXPECT_EQ(Found(facts, "steal").severity, "problem");
  EXPECT_THAT(Found(facts, "steal").text, HasSubstr("6.0 %"));
}

TEST(DoctorSystem, SaysWhatCannotBeReadOrDoneAndWhy) {
  HostFacts facts = QuietHost();
  facts.system.probes = {{"hardware counters", false, "perf_event_open: ENOENT"},
                         {"pressure", false, "read /proc/pressure/cpu: EOPNOTSUPP"},
                         {"pinning", false, "sched_setaffinity: EPERM"}};
  EXPECT_THAT(Found(facts, "no-hardware-counters").text, HasSubstr("ENOENT"));
  EXPECT_EQ(Found(facts, "no-hardware-counters").severity, "note");
  EXPECT_THAT(Found(facts, "no-pressure").text, HasSubstr("EOPNOTSUPP"));
  EXPECT_EQ(Found(facts, "pinning-refused").severity, "problem");
}

TEST(DoctorSystem, KnowsGvisorLxcfsAndHugePages) {
  HostFacts facts = QuietHost();
  facts.system.container = "gvisor";
  facts.lxcfs = true;
  facts.system.transparent_huge_pages = "never";
  EXPECT_EQ(Found(facts, "gvisor").severity, "warning");
  EXPECT_EQ(Found(facts, "lxcfs").severity, "note");
  EXPECT_EQ(Found(facts, "huge-pages-never").severity, "note");
}

}  // namespace
}  // namespace coresweep
