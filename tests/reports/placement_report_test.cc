#include "reports/placement_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace coresweep {
namespace {

using testing::HasSubstr;
using testing::Not;

/// Two workers on a machine of 8 CPUs of which 6 may be used.
PlacementReport Example() {
  PlacementReport report;
  report.policy = "compact";
  report.shape = {2, 2, Width::kCore, DispatcherPlace::kOwn};
  for (int cpu = 0; cpu < 8; ++cpu) {
    Pu pu;
    pu.os_index = cpu;
    pu.core = cpu / 2;
    report.machine.whole.pus.push_back(pu);
    if (cpu < 6) report.machine.usable.pus.push_back(pu);
  }
  report.machine.whole.cores = 4;
  report.machine.usable.cores = 3;
  report.machine.usable.online_cpus = 8;
  report.placement.workers = {{{0, 1, 2, 3}, {{0, 1}, {2, 3}}, {0}}, {{4}, {{4}, {4}}, {}}};
  report.placement.dispatcher = {5};
  report.placement.notes = {"no L3 here"};
  return report;
}

TEST(PlacementJson, HasAllOfIt) {
  EXPECT_EQ(ToJson(Example()).dump(),
            R"({"policy":"compact","width":"core","threads_per_worker":2,"oversubscribed":false,)"
            R"("workers":[{"index":0,"cpus":"0-3","threads":["0-1","2-3"],"numa":"0"},)"
            R"({"index":1,"cpus":"4","threads":["4","4"],"numa":null}],)"
            R"("dispatcher":"5","dispatcher_shares_core":false,"notes":["no L3 here"],)"
            R"("topology":{"source":"this machine","foreign":false,"allowed":"0-5","cpus":6,)"
            R"("cores":3,"online_cpus":8}})");
}

TEST(PlacementJson, TellsAnotherMachineAndWhatIsNotPinned) {
  PlacementReport report = Example();
  report.foreign = "core:4 pu:2";
  report.placement.dispatcher = {};
  report.placement.dispatcher_shares_core = true;
  report.placement.oversubscribed = true;
  const auto json = ToJson(report);
  EXPECT_EQ(json["topology"]["source"], "core:4 pu:2");
  EXPECT_EQ(json["topology"]["foreign"], true);
  EXPECT_TRUE(json["dispatcher"].is_null());
  EXPECT_EQ(json["dispatcher_shares_core"], true);
  EXPECT_EQ(json["oversubscribed"], true);
}

TEST(PlacementText, HasPictureAndALineAWorker) {
  const std::string text = ToText(Example(), {});
  EXPECT_THAT(text, HasSubstr("[w0 w0] [w0 w0] [w1  D] [ ·  ·]\n"));
  EXPECT_THAT(text, HasSubstr("\n\nworker 0: CPUs 0-3, threads on 0-1 2-3, NUMA 0\n"
                              "worker 1: CPU 4\n"
                              "dispatcher: CPUs 5\n"
                              "note: no L3 here\n"));
  EXPECT_THAT(text, Not(HasSubstr("another machine")));
  EXPECT_THAT(text, Not(HasSubstr("oversubscribed")));
}

TEST(PlacementText, SaysThatNothingIsBoundOnAnotherMachine) {
  PlacementReport report = Example();
  report.foreign = "core:4 pu:2";
  report.placement.oversubscribed = true;
  report.placement.dispatcher = {};
  report.placement.dispatcher_shares_core = true;
  const std::string text = ToText(report, {});
  EXPECT_THAT(text, HasSubstr("a plan for another machine (core:4 pu:2): nothing is bound\n"));
  EXPECT_THAT(text, HasSubstr("oversubscribed: "));
  EXPECT_THAT(text, HasSubstr("dispatcher: unpinned, without a core of its own\n"));
}

TEST(PlacementText, CutsALongListOfWorkers) {
  PlacementReport report = Example();
  report.placement.workers.assign(40, {{0}, {{0}}, {}});
  const std::string text = ToText(report, {});
  EXPECT_THAT(text, HasSubstr("worker 31: CPU 0\n… and 8 more, see --json\n"));
  EXPECT_THAT(text, Not(HasSubstr("worker 32")));
}

}  // namespace
}  // namespace coresweep
