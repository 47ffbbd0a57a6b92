#include "reports/history_report.h"

#include <gtest/gtest.h>

#include "harness/base/error.h"

namespace coresweep::history_report_test {
namespace {

using Json = nlohmann::json;

HistoryLog Log(double value) {
  HistoryLog log;
  log.setup.metrics = {{"throughput", "items/s", true}, {"cold_start", "us", false}};
  log.setup.cells = {"/w2"};
  log.runs = 10;
  log.comparisons = {
      {"processes/w2", 0, {99, 100, 101, 99, 100, 101, 99, 100, 101, 100}, value, ""},
      {"processes/w2", 1, {}, std::nullopt, "no worker reported it"}};
  return log;
}

HistoryReportHead Head() {
  HistoryReportHead head;
  head.tool_json = "{}";
  head.candidate.identity = {{"machine", "m"}, {"workload", "w"}, {"build", "b"}};
  head.baseline.assign(12, head.candidate);
  return head;
}

/// What a file would hold.
Json Stored(const HistoryLog& log) {
  return Json::parse(HistoryReportJson(Head(), log).dump());
}

TEST(HistoryReport, GivesTheSameOutcomeWhenReadAgain) {
  HistoryLog refused = Log(100);
  refused.comparisons.clear();
  refused.refused = "old.json is no base: it was not finished";
  for (const HistoryLog& log : {Log(100), Log(50), refused}) {
    const Json report = Stored(log);
    ASSERT_TRUE(IsHistoryReport(report));
    const HistoryLog again = HistoryLogFromReport(report, "gate.json");
    EXPECT_EQ(again.comparisons, log.comparisons);
    EXPECT_EQ(again.setup.cells, log.setup.cells);
    EXPECT_EQ(Json(HistoryOutcomeJson(again, JudgeHistory(again))), report["outcome"]);
  }
}

TEST(HistoryReport, KeepsTheRunOfEachValue) {
  HistoryLog log = Log(100);
  log.comparisons[0].runs = {0, 1, 2, 3, 5, 6, 7, 8, 9, 11};
  const Json report = Stored(log);
  EXPECT_EQ(HistoryLogFromReport(report, "gate.json").comparisons, log.comparisons);
  for (const auto& wrong : {std::vector<size_t>{0, 1, 2, 3, 5, 6, 7, 8, 9, 12},
                            {0, 1, 2, 3, 5, 6, 7, 8, 9, 9},
                            {0, 1, 2}}) {
    Json damaged = report;
    damaged["comparisons"][0]["runs"] = wrong;
    EXPECT_THROW(HistoryLogFromReport(damaged, "gate.json"), UsageError) << Json(wrong);
  }
}

TEST(HistoryReport, AValueThatWasChangedShows) {
  Json report = Stored(Log(100));
  report["comparisons"][0]["value"] = 50;
  const HistoryLog again = HistoryLogFromReport(report, "gate.json");
  EXPECT_NE(Json(HistoryOutcomeJson(again, JudgeHistory(again))), report["outcome"]);
}

TEST(HistoryReport, RefusesDamageNamingFileAndField) {
  const auto why = [](const Json& report) -> std::string {
    try {
      HistoryLogFromReport(report, "gate.json");
    } catch (const UsageError& error) {
      return error.what();
    }
    return "";
  };
  const Json good = Stored(Log(100));
  for (const char* key : {"schema_version", "setup", "runs", "refused", "comparisons"}) {
    Json report = good;
    report.erase(key);
    EXPECT_TRUE(why(report).starts_with("gate.json: damaged: ")) << key;
  }
  Json report = good;
  report["schema_version"]["major"] = 2;
  EXPECT_EQ(why(report), "gate.json: schema version 2, this program reads 1");
  report = good;
  report["comparisons"][0]["metric"] = "speed";
  EXPECT_EQ(why(report), "gate.json: damaged: a comparison of a metric that is not gated");
  report = good;
  report["comparisons"][0]["history"][3] = -1;
  EXPECT_EQ(why(report), "gate.json: damaged: a value that is not above 0");
  report = good;
  report["comparisons"] = Json::array();
  EXPECT_EQ(why(report), "gate.json: damaged: nothing is compared");
  EXPECT_FALSE(IsHistoryReport(Json::array()));
}

TEST(HistoryConsole, SentenceFirstThenALineForEachComparison) {
  const HistoryLog log = Log(80);
  const std::string text = RenderHistoryConsole(log, JudgeHistory(log), 200);
  EXPECT_TRUE(text.starts_with("FAIL: throughput of processes/w2 is 20.0 % lower [")) << text;
  EXPECT_NE(text.find("\n  processes/w2: throughput: 20.0 % lower ["), std::string::npos) << text;
  EXPECT_NE(text.find(", regressed; 10 stored values\n"), std::string::npos) << text;
  EXPECT_NE(
      text.find("\n  processes/w2: cold_start: not measured, open; 0 stored values; no worker "
                "reported it\n"),
      std::string::npos)
      << text;
}

}  // namespace
}  // namespace coresweep::history_report_test
