#include "reports/gate_html.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "harness/core/gate_sentence.h"
#include "reports/gate_html_tables.h"
#include "reports/gate_report.h"
#include "tests/support/gate_blocks.h"

namespace coresweep::gate_html_test {
namespace {

using example::GoodLaunch;
using example::Planted;
using example::QuickSetup;
using example::RecordOf;
using Json = nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

/// A gate with its report; blocks that `invalid` says are counted for nothing.
struct HtmlGate {
  GateLog log;
  GateTrace trace;
  Json report;
  nlohmann::ordered_json outcome;

  explicit HtmlGate(GateLog of)
      : log(std::move(of)),
        trace(TraceGate(log)),
        outcome(GateOutcomeJson(trace.session, trace.session.Over())) {
    GateReportHead head;
    head.tool_json = R"({"version": "9.9"})";
    head.host_json = R"({"cpu_model": "A <CPU>", "warnings": ["a probe failed"]})";
    head.argv = "coresweep gate";
    head.base = {"", "", "d1", R"({"chunk": [8], "options": {"n": "1"}, "workers": [2]})"};
    head.candidate = {"/new", "", "d1", R"({"chunk": [8], "options": {"n": "2"}, "workers": [2]})"};
    report = Json::parse(GateReportJson(head, log, trace.session).dump());
  }

  [[nodiscard]] GateHtmlSource Source() const { return {report, log, trace, outcome}; }
  [[nodiscard]] std::string Page() const { return RenderGateHtml(Source()); }
  [[nodiscard]] Json Charts() const { return Json::parse(GateChartData(Source())); }
};

GateLog LogOf(const example::LaunchMaker& make, size_t most = 1000, int64_t invalid = -1) {
  GateLog log{QuickSetup(), {}, ""};
  GateSession session(log.setup);
  while (log.records.size() < most) {
    const auto block = session.Next();
    if (!block) break;
    log.records.push_back(RecordOf(*block, make));
    if (block->attempt == invalid) log.records.back().invalid = "the <clock> jumped";
    session.Add(ResultOf(log.records.back(), log.setup));
  }
  return log;
}

TEST(GateHtml, SaysTheSentenceFirst) {
  for (const double candidate : {70.0, 100.0}) {
    const HtmlGate gate(LogOf(Planted(candidate)));
    const std::string page = gate.Page();
    const std::string sentence = GateSentence(gate.log.setup, gate.trace.session.Outcome());
    const std::string rest = sentence.substr(sentence.find(':'));
    const size_t lead = page.find("<p class=\"lead sentence\">");
    ASSERT_NE(lead, std::string::npos);
    EXPECT_EQ(page.find("<p", page.find("<main>")), lead);
    EXPECT_THAT(page.substr(lead, 400), HasSubstr(rest));
  }
}

TEST(GateHtml, BelievesTheLaunchesAndNotTheOutcomeInTheFile) {
  HtmlGate gate(LogOf(Planted(70)));
  gate.report["outcome"] = {{"verdict", "PASS"}, {"sentence", "PASS: all is well."}};
  EXPECT_THAT(gate.Page(), AllOf(HasSubstr("</span> FAIL</b>: throughput of B is 30.0 % lower"),
                                 Not(HasSubstr("all is well"))));
}

TEST(GateHtml, ChartsHaveChangesInTheMetricsOwnDirection) {
  const HtmlGate gate(LogOf(Planted(80)));
  const Json charts = gate.Charts();
  const Json& metric = charts["metrics"][0];
  EXPECT_EQ(metric["change"][0], -20);
  EXPECT_EQ(metric["change"].back(), 0);  // the null control
  EXPECT_NEAR(metric["tolerated"].get<double>(), 100 / 1.02 - 100, 1e-4);
  EXPECT_NEAR(metric["mustCatch"].get<double>(), 100 / 1.05 - 100, 1e-4);
  EXPECT_EQ(charts["blocks"]["phase"][0], "main batch");
  EXPECT_EQ(charts["blocks"]["phase"].back(), "null control");
  EXPECT_EQ(charts["blocks"]["look"][4], 0);
  EXPECT_EQ(charts["blocks"]["look"][5], 1);
  EXPECT_EQ(charts["needed"]["clean"], 2);
  EXPECT_EQ(charts["confidence"], 98);
  const auto last = static_cast<size_t>(gate.trace.session.Outcome().phases[0]->blocks - 1);
  EXPECT_GE(metric["regressed"][last], 2);
}

TEST(GateHtml, EvidenceForARegressionOfSeveralMetricsMustBeMore) {
  GateLog log{QuickSetup(), {}, ""};
  log.setup.metrics.push_back({"cold_start", "us", false});
  const Json charts = HtmlGate(std::move(log)).Charts();
  EXPECT_NEAR(charts["needed"]["regressed"].get<double>(), std::log10(200), 1e-4);
  EXPECT_EQ(charts["needed"]["clean"], 2);
  EXPECT_EQ(charts["metrics"][1]["tolerated"], 2);
}

TEST(GateHtml, IntervalsOfAThroughputAreTurnedRound) {
  MetricJudgement judgement;
  judgement.ratio = 1.25;
  judgement.low = 1.0;
  judgement.high = 2.0;
  const GateChange rate = GateChangeOf({"throughput", "items/s", true}, judgement);
  EXPECT_DOUBLE_EQ(*rate.change, -0.2);
  EXPECT_DOUBLE_EQ(*rate.low, -0.5);
  EXPECT_DOUBLE_EQ(*rate.high, 0);
  judgement.high.reset();
  EXPECT_FALSE(GateChangeOf({"throughput", "items/s", true}, judgement).low);
  EXPECT_FALSE(GateChangeOf({"cold_start", "us", false}, judgement).high);
}

TEST(GateHtml, BlocksThatDoNotCountSayWhyAndAreWarnedOf) {
  const HtmlGate gate(LogOf(Planted(100), 1000, 2));
  EXPECT_EQ(gate.Charts()["metrics"][0]["change"][2], nullptr);
  EXPECT_EQ(gate.Charts()["blocks"]["why"][2], "the <clock> jumped");
  EXPECT_THAT(gate.Page(),
              AllOf(HasSubstr("1 block does not count"),
                    HasSubstr("<td>the &lt;clock&gt; jumped</td>"), Not(HasSubstr("the <clock>"))));
}

TEST(GateHtml, AGateThatIsNotOverIsNoVerdict) {
  const std::string page = HtmlGate(LogOf(Planted(70), 3)).Page();
  EXPECT_THAT(page, AllOf(HasSubstr("</span> INCONCLUSIVE</b>"),
                          HasSubstr("it has not come to its end: run it again")));
}

TEST(GateHtml, SaysWhyOneEndedEarlyAndWhatWasNotMeasured) {
  GateLog log = LogOf(
      [](const GateBlock& block, GateArm) {
        Launch launch = GoodLaunch(100);
        if (block.attempt == 0) launch.metrics[0] = {std::nullopt, "too few chunks"};
        return launch;
      },
      4);
  log.stopped = "the time budget ended";
  const std::string page = HtmlGate(std::move(log)).Page();
  EXPECT_THAT(page, AllOf(HasSubstr("it ended early: the time budget ended"),
                          HasSubstr("not measured in every launch: too few chunks")));
}

TEST(GateHtml, OnlyWhatDiffersBetweenTheArmsIsCompared) {
  const std::string table = GateArmsTable(HtmlGate(LogOf(Planted(100), 0)).report);
  EXPECT_THAT(table, AllOf(HasSubstr("<code>options.n</code>"), HasSubstr("<td>1</td><td>2</td>"),
                           HasSubstr("<td>–</td><td>/new</td>"), Not(HasSubstr("chunk")),
                           Not(HasSubstr("workload_digest"))));
  EXPECT_THAT(GateArmsTable(Json::object()), HasSubstr("have the same program"));
}

TEST(GateHtml, WithoutABlockNothingIsDrawn) {
  const HtmlGate gate(LogOf(Planted(100), 0));
  EXPECT_THAT(gate.Page(), AllOf(HasSubstr("Not drawn."), HasSubstr("No block was measured."),
                                 Not(HasSubstr("<canvas")), HasSubstr("A &lt;CPU&gt;")));
}

TEST(GateHtml, EveryLaunchIsInTheTableWithItsArm) {
  const HtmlGate gate(LogOf(Planted(70)));
  const std::string table = GateLaunchesTable(gate.Source());
  size_t rows = 0;
  for (size_t at = table.find("<tr><th scope=row"); at != std::string::npos;
       at = table.find("<tr><th scope=row", at + 1))
    ++rows;
  EXPECT_EQ(rows, 4 * gate.log.records.size());
  EXPECT_THAT(table, AllOf(HasSubstr("<td>copy of A</td>"), HasSubstr("<td>B</td>"),
                           HasSubstr("<td>ok</td>")));
}

}  // namespace
}  // namespace coresweep::gate_html_test
