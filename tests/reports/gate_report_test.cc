#include "reports/gate_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/error.h"
#include "harness/core/gate_sentence.h"
#include "tests/support/gate_blocks.h"

namespace coresweep::gate_report_test {
namespace {

using example::GoodLaunch;
using example::Planted;
using example::QuickSetup;
using example::RunBlocks;
using Json = nlohmann::json;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

GateReportHead Head() {
  GateReportHead head;
  head.tool_json = R"({"name": "coresweep"})";
  head.host_json = R"({"fingerprint": "abc"})";
  head.argv = "coresweep gate";
  head.created_unix_ms = 1'700'000'000'000;
  head.base = {"", "", "d1", R"({"chunk": 8})"};
  head.candidate = {"/opt/new", "d2", "", R"({"chunk": 9})"};
  return head;
}

/// A gate that ran and its report as a reader sees it.
struct Ran {
  GateSession session;
  GateLog log;
  Json report;

  explicit Ran(const example::LaunchMaker& make, size_t most_blocks = 1000)
      : session(QuickSetup()), log(RunBlocks(session, make, most_blocks)) {
    report = Json::parse(GateReportJson(Head(), log, session).dump());
  }
};

TEST(GateReport, HasItsSchemaArmsAndTheWholeOutcome) {
  const Ran fail(Planted(70));
  const Json& report = fail.report;
  EXPECT_EQ(report["schema"], "coresweep.gate");
  EXPECT_EQ(report["schema_version"], (Json{{"major", 1}, {"minor", 1}}));
  EXPECT_EQ(report["argv"], "coresweep gate");
  EXPECT_EQ(report["tool"]["name"], "coresweep");
  EXPECT_EQ(report["host"]["fingerprint"], "abc");
  EXPECT_EQ(report["arms"]["A"], (Json{{"program", nullptr},
                                       {"program_digest", nullptr},
                                       {"workload_digest", "d1"},
                                       {"config", {{"chunk", 8}}}}));
  EXPECT_EQ(report["arms"]["B"]["program"], "/opt/new");
  EXPECT_EQ(report["stopped"], nullptr);
  EXPECT_EQ(report["blocks"].size(), fail.log.records.size());
  const Json& outcome = report["outcome"];
  EXPECT_EQ(outcome["verdict"], "FAIL");
  EXPECT_EQ(outcome["exit_code"], 1);
  EXPECT_EQ(outcome["over"], true);
  EXPECT_EQ(outcome["failed"], Json{"throughput"});
  EXPECT_EQ(outcome["sentence"], GateSentence(QuickSetup(), fail.session.Outcome()));
}

TEST(GateReport, HasTheNumbersOfEveryPhaseAndNullForThoseNotReached) {
  const Ran fail(Planted(70));
  for (const char* phase : {"main", "confirmation", "null_control"}) {
    const Json& of = fail.report["outcome"]["phases"][phase];
    ASSERT_TRUE(of.is_object()) << phase;
    EXPECT_EQ(of["invalid"], 0);
    EXPECT_GE(of["blocks"], 6);
    EXPECT_NEAR(of["metrics"]["throughput"]["worse_ratio"].get<double>(),
                std::string(phase) == "null_control" ? 1.0 : 100.0 / 70, 1e-9);
    EXPECT_TRUE(of["metrics"]["throughput"]["power"].contains("detectable")) << phase;
  }
  const Ran pass(Planted(100));
  EXPECT_EQ(pass.report["outcome"]["verdict"], "PASS");
  EXPECT_EQ(pass.report["outcome"]["phases"]["confirmation"], nullptr);
  EXPECT_EQ(pass.report["outcome"]["phases"]["null_control"], nullptr);
}

TEST(GateReport, HasTheCountsOfTheSecondWitnessWhereThereIsOne) {
  const Ran fail(Planted(70));
  const Json& both = fail.report["outcome"]["phases"]["main"]["metrics"]["throughput"];
  EXPECT_EQ(fail.report["setup"]["block_value"], "both");
  EXPECT_EQ(both["best_above_tolerated"], both["blocks"]);
  EXPECT_EQ(both["best_below_tolerated"], 0);
  GateSetup setup = QuickSetup();
  setup.block_value = BlockValue::kMean;
  GateSession session(setup);
  const GateLog log = RunBlocks(session, Planted(70));
  const Json mean = Json::parse(GateReportJson(Head(), log, session).dump());
  EXPECT_FALSE(
      mean["outcome"]["phases"]["main"]["metrics"]["throughput"].contains("best_above_tolerated"));
}

TEST(GateReport, ThatIsNotOverHasNoPowerYet) {
  const Ran begun(Planted(70), 3);
  EXPECT_EQ(begun.report["outcome"]["over"], false);
  EXPECT_EQ(begun.report["outcome"]["verdict"], "INCONCLUSIVE");
  EXPECT_FALSE(
      begun.report["outcome"]["phases"]["main"]["metrics"]["throughput"].contains("power"));
}

TEST(GateReport, GivesTheSameOutcomeFromItsBlocks) {
  for (const double candidate : {70.0, 100.0, 130.0, 96.5}) {
    for (const size_t most : {size_t{1000}, size_t{8}, size_t{0}}) {
      const Ran ran(Planted(candidate), most);
      const GateSession again = Replay(GateLogFromReport(ran.report, "gate.json"));
      const Json outcome = Json(GateOutcomeJson(again, again.Over()));
      EXPECT_EQ(outcome, ran.report["outcome"]) << candidate << " " << most;
    }
  }
}

TEST(GateReport, KeepsWhyItWasStopped) {
  GateSession session(QuickSetup());
  GateLog log = RunBlocks(session, Planted(100), 2);
  log.stopped = "the time budget ended";
  session.Stop(log.stopped);
  const Json report = Json::parse(GateReportJson(Head(), log, session).dump());
  EXPECT_EQ(report["stopped"], "the time budget ended");
  EXPECT_EQ(GateLogFromReport(report, "x").stopped, "the time budget ended");
}

std::string Refusal(const Json& report) {
  try {
    (void)GateLogFromReport(report, "old.json");
  } catch (const UsageError& error) {
    return error.what();
  }
  return "no error";
}

std::string RefusalWith(const char* field, const Json& value) {
  Json report = Ran(Planted(100), 2).report;
  report[Json::json_pointer(field)] = value;
  return Refusal(report);
}

std::string RefusalWithout(const char* field) {
  Json report = Ran(Planted(100), 2).report;
  report.erase(field);
  return Refusal(report);
}

TEST(GateLogFromReport, RefusesWhatIsNoGateReport) {
  for (const Json& json : {Json(), Json(5), Json("x"), Json::array(), Json::object()})
    EXPECT_EQ(Refusal(json), "old.json: not a report of `coresweep gate` or `coresweep run`")
        << json;
  EXPECT_THAT(RefusalWith("/schema", "coresweep.sweep"), HasSubstr("not a report of"));
  EXPECT_THAT(RefusalWith("/schema", 1), HasSubstr("not a report of"));
}

TEST(GateLogFromReport, ReadsLaterMinorVersionsAndRefusesAnotherMajor) {
  EXPECT_EQ(RefusalWith("/schema_version/minor", 9), "no error");
  EXPECT_EQ(RefusalWith("/news", 9), "no error");
  EXPECT_EQ(RefusalWith("/schema_version/major", 2),
            "old.json: schema version 2, this program reads 1");
}

TEST(GateLogFromReport, NamesTheFieldThatIsDamaged) {
  const auto damaged = [](const char* what) {
    return AllOf(StartsWith("old.json: damaged: "), HasSubstr(what));
  };
  EXPECT_THAT(RefusalWithout("setup"), damaged("setup"));
  EXPECT_THAT(RefusalWithout("blocks"), damaged("blocks"));
  EXPECT_THAT(RefusalWithout("stopped"), damaged("stopped"));
  EXPECT_THAT(RefusalWithout("schema_version"), damaged("schema_version"));
  EXPECT_THAT(RefusalWith("/schema_version/major", "one"), damaged("type"));
  EXPECT_THAT(RefusalWith("/setup/rule/alpha", nullptr), damaged("alpha"));
  EXPECT_THAT(RefusalWith("/blocks", nullptr), damaged("array"));
  EXPECT_THAT(RefusalWith("/blocks", 7), damaged("array"));
  EXPECT_THAT(RefusalWith("/blocks/1/order", "AABB"), damaged("AABB"));
  EXPECT_THAT(RefusalWith("/blocks/0/launches/2/items", "x"), damaged("items"));
}

TEST(GateLogFromReport, RefusesABlockOfFiveLaunches) {
  Json report = Ran(Planted(100), 2).report;
  report["blocks"][1]["launches"].push_back(report["blocks"][1]["launches"][0]);
  EXPECT_THAT(Refusal(report), HasSubstr("at most 4"));
}

TEST(GateConsole, BeginsWithTheSentenceAndEndsItsLastLine) {
  const Ran fail(Planted(70));
  const std::string text = RenderGateConsole(fail.log, fail.session, 1000);
  EXPECT_THAT(text, StartsWith(GateSentence(QuickSetup(), fail.session.Outcome()) + "\n"));
  EXPECT_THAT(text, EndsWith("\n"));
  EXPECT_THAT(text, AllOf(HasSubstr("\nmain:\n"), HasSubstr("\nconfirmation:\n"),
                          HasSubstr("\nnull_control, A in both places:\n")));
}

TEST(GateConsole, HasNoLineWiderThanAskedFor) {
  const Ran fail(Planted(70));
  std::istringstream lines(RenderGateConsole(fail.log, fail.session, 60));
  for (std::string line; std::getline(lines, line);)
    EXPECT_LE(line.size(), 60u) << line;
}

TEST(GateConsole, CountsTheAnswersOfAllLaunches) {
  const Ran pass(Planted(100), 2);
  EXPECT_THAT(RenderGateConsole(pass.log, pass.session, 1000),
              HasSubstr("answers: 800 items in 8 launches, 8 of them whole, right and in order"));
  GateLog wrong = pass.log;
  wrong.records[0].launches[1].outcome = Outcome::kIncorrect;
  EXPECT_THAT(RenderGateConsole(wrong, pass.session, 1000), HasSubstr("8 launches, 7 of them"));
}

TEST(GateConsole, SaysWhyAMetricWasNotMeasured) {
  GateSetup setup = QuickSetup();
  setup.metrics.push_back({"latency_p99", "us", false});
  GateSession session(setup);
  const GateLog log = RunBlocks(session, Planted(100), 6);
  EXPECT_THAT(RenderGateConsole(log, session, 1000),
              HasSubstr("latency_p99 was not measured in every launch: not asked for"));
}

/// Throttled, pressed, stolen from in every second block.
Launch Disturbed(const GateBlock& block, GateArm /*arm*/) {
  Launch launch = GoodLaunch(100);
  launch.system.interval_ns = 1'000'000;
  const bool odd = block.attempt % 2 == 1;
  launch.system.throttle = ThrottleDelta{10, odd ? 1 : 0, 0};
  launch.system.pressure = PressureDelta{"x", odd ? 20'001 : 20'000, {}, {}};
  launch.system.steal_ns = odd ? 30'000 : 0;
  return launch;
}

TEST(GateConsole, SaysInHowManyLaunchesTheMachineDisturbed) {
  const Ran disturbed(Disturbed, 4);
  EXPECT_THAT(RenderGateConsole(disturbed.log, disturbed.session, 1000),
              AllOf(HasSubstr("throttled in 50 %"), HasSubstr("pressure above 2 % in 50 %"),
                    HasSubstr("steal above 2 % in 50 %")));
  const Ran quiet(Planted(100), 4);
  EXPECT_THAT(RenderGateConsole(quiet.log, quiet.session, 1000), Not(HasSubstr("machine:")));
}

TEST(GateConsole, OfNoBlockAtAllIsTheSentence) {
  GateSession session(QuickSetup());
  session.Stop("the time budget ended");
  const GateLog log{QuickSetup(), {}, "the time budget ended"};
  EXPECT_EQ(RenderGateConsole(log, session, 1000),
            "INCONCLUSIVE: no block was measured: the time budget ended.\n");
}

}  // namespace
}  // namespace coresweep::gate_report_test
