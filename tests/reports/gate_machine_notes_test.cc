#include "reports/gate_machine_notes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/error.h"
#include "reports/gate_report.h"
#include "tests/support/gate_blocks.h"

namespace coresweep::gate_machine_notes_test {
namespace {

using example::Planted;
using example::QuickSetup;
using example::RunBlocks;
using Json = nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

/// A gate of 16 blocks with the sentinel at 20 ms, in the second half `later_ms`.
GateLog LogWithSentinel(int64_t later_ms) {
  GateSetup setup = QuickSetup();
  setup.rule.must_catch = 0.021;  // not proven in so few blocks of equal arms with some noise
  GateSession session(setup);
  GateLog log = RunBlocks(session, Planted(97.95), 16);
  for (size_t i = 0; i < log.records.size(); ++i) {
    BlockMachine machine;
    machine.sentinel = {(i < 8 ? 20 : later_ms) * 1'000'000, 18'000'000};
    machine.since_last.interval_ns = 1'000'000'000;
    machine.since_last.pressure = PressureDelta{"x", 120'000'000, {}, {}};
    machine.length_ns = 900'000'000;
    log.records[i].machine = machine;
  }
  return log;
}

TEST(GateMachineNotes, OfAGateThatReadNothingAreEmpty) {
  GateSession session(QuickSetup());
  const GateLog log = RunBlocks(session, Planted(100));
  EXPECT_EQ(GateBurnInNote(log), "");
  EXPECT_EQ(GateSentinelNote(log), "");
  EXPECT_EQ(GateDriftNote(log), "");
}

TEST(GateMachineNotes, SayWhatTheSentinelShows) {
  const GateLog log = LogWithSentinel(20);
  ASSERT_EQ(log.records.size(), 16u);
  EXPECT_EQ(GateSentinelNote(log),
            "sentinel: 20.0 ms of fixed work on one core before each block: spread 0.0 %, worst "
            "1.0 times the median, waited 10 % of its time, CPU pressure 12 %");
  EXPECT_EQ(GateDriftNote(log), "");
}

TEST(GateMachineNotes, SayThatTheMachineBecameSlower) {
  EXPECT_THAT(GateDriftNote(LogWithSentinel(22)),
              HasSubstr("the machine itself became 10.0 % slower during the run"));
  EXPECT_THAT(GateDriftNote(LogWithSentinel(19)), HasSubstr("became 5.0 % faster"));
}

TEST(GateMachineNotes, SayWhatTheBurnInShowed) {
  GateLog log = LogWithSentinel(20);
  log.burn_in = BurnIn{1, 5, {{20'000'000, 20'000'000}, {30'000'000, 20'000'000}}, {}, {}};
  EXPECT_EQ(GateBurnInNote(log),
            "burn-in: 2 times 25.0 ms of fixed work on one core: spread 29.7 %, worst 1.2 times "
            "the median, waited 20 % of its time");
}

TEST(GateMachineNotes, SayThatThePlaceInABlockShows) {
  GateLog log = LogWithSentinel(20);
  for (GateRecord& record : log.records) {
    for (size_t slot = 2; slot < 4; ++slot)
      record.launches[slot].metrics[0].value = 0.9 * *record.launches[slot].metrics[0].value;
  }
  const auto notes = GateOrderNotes(log);
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_THAT(notes[0], AllOf(HasSubstr("order: throughput of launches 3 and 4 of a block is 10.0 "
                                        "% lower than of 1 and 2"),
                              HasSubstr("16 of 16 blocks")));
  EXPECT_TRUE(GateOrderNotes(LogWithSentinel(20)).empty());
}

TEST(GateMachineNotes, AreOnTheConsoleOfAStoredReportToo) {
  GateLog log = LogWithSentinel(22);
  log.burn_in = BurnIn{1, 5, {{20'000'000, 20'000'000}}, {}, BurnInBoundsFor(log.setup.rule)};
  const GateSession session = Replay(log);
  const Json report = Json::parse(GateReportJson({}, log, session).dump());
  const GateLog read = GateLogFromReport(report, "gate.json");
  EXPECT_EQ(read.burn_in, log.burn_in);
  EXPECT_EQ(read.records[3].machine, log.records[3].machine);
  const std::string text = RenderGateConsole(read, Replay(read), 1000);
  EXPECT_EQ(text, RenderGateConsole(log, session, 1000));
  EXPECT_THAT(text, AllOf(HasSubstr("\n  burn-in: 1 times"), HasSubstr("\n  sentinel: "),
                          HasSubstr("\n  the machine itself became")));
}

TEST(GateMachineNotes, ReportsOfBeforeAreReadAndSayNothingOfIt) {
  GateSession session(QuickSetup());
  const GateLog log = RunBlocks(session, Planted(100));
  Json report = Json::parse(GateReportJson({}, log, session).dump());
  report.erase("burn_in");
  const GateLog read = GateLogFromReport(report, "gate.json");
  EXPECT_FALSE(read.burn_in);
  EXPECT_FALSE(read.records[0].machine);
  EXPECT_THAT(RenderGateConsole(read, Replay(read), 1000), Not(HasSubstr("sentinel")));
}

TEST(GateMachineNotes, AnUnfitBurnInIsTheFirstLineAndIsDamagedWhereItIsNot) {
  GateLog log{QuickSetup(), {}, ""};
  log.burn_in = BurnIn{1, 5, std::vector<SentinelTime>(4, {20'000'000, 20'000'000}), {}, {}};
  log.burn_in->times.push_back({1'200'000'000, 20'000'000});
  const GateSession session = Replay(log);
  EXPECT_THAT(RenderGateConsole(log, session, 1000),
              testing::StartsWith("UNFIT: before the first block, fixed work of 20 ms on one core "
                                  "once took 60 times its median (bound 50): close other "
                                  "programs, pick a quieter runner, or give --burn-in off.\n"));
  Json report = Json::parse(GateReportJson({}, log, session).dump());
  report["burn_in"]["wall_ns"] = "long";
  EXPECT_THROW((void)GateLogFromReport(report, "gate.json"), UsageError);
}

}  // namespace
}  // namespace coresweep::gate_machine_notes_test
