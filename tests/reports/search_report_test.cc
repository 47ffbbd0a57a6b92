// What a search found, in JSON and in words.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "reports/console_answer.h"
#include "reports/console_report.h"
#include "reports/json_report.h"
#include "reports/report_schema.h"
#include "reports/search_json.h"
#include "reports/search_lines.h"
#include "tests/support/example_sweep.h"

namespace coresweep::search_report_test {
namespace {

using example::MakeCell;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using Json = nlohmann::ordered_json;

MedianEstimate Logs(std::vector<double> ratios) {
  for (double& ratio : ratios)
    ratio = std::log(ratio);
  return EstimateMedian(ratios);
}

/// serial, 1 and 2 workers; 2 workers won: 1.5 times as fast as the default, 1 worker.
SweepResult Searched() {
  example::SweepBuilder builder;
  builder.AddMeasured(MakeCell(Mode::kSerial, 1), {100, 100});
  builder.AddMeasured(MakeCell(Mode::kProcesses, 1), {100, 100});
  builder.AddMeasured(MakeCell(Mode::kProcesses, 2), {150, 150});
  SweepSearch search;
  search.cells = {0, 1, 2};
  search.reference = 0;
  search.plan.cells = 3;
  for (const PlannedCell& planned : builder.sweep().plan.cells)
    search.plan.names.push_back(planned.cell.Id());
  search.plan.default_cell = 1;
  SearchResult& result = search.result;
  result.end = SearchEnd::kWinner;
  result.choice = 2;
  result.survivors = {2};
  result.sentence = "it won";
  result.cells.resize(3);
  result.cells[2] = {CellFate::kSurvivor, "no cell is faster", 40, Logs({0.5, 0.5})};
  result.launches = 90;
  result.references = 20;
  result.probes = 3;
  result.over_default = SearchGain{1, Logs({1.5, 1.4, 1.6, 1.5, 1.5, 1.5})};
  result.why_no_runner_up = "there is no runner-up";
  search.ended = true;
  search.expected = 6;
  builder.sweep().search = search;
  return builder.sweep();
}

std::vector<std::string> Answer(const SweepResult& sweep) {
  const auto cells = SummarizeCells(sweep);
  return AnswerLines(sweep, cells, BestCell(sweep, cells));
}

TEST(JsonReport, OfASearchIsValidByTheSchemaOfReports) {
  const auto report = nlohmann::json::parse(RenderJsonReport(Searched(), {}));
  for (const SchemaFinding& finding : CheckReport(report))
    ADD_FAILURE() << finding.pointer << ": " << finding.text;
}

TEST(SearchJson, IsNullWithoutASearch) {
  EXPECT_TRUE(SearchJson(example::TypicalSweep().sweep()).is_null());
}

TEST(SearchJson, SaysWhatWasFoundAndWhatForEachCell) {
  const Json json = SearchJson(Searched());
  EXPECT_EQ(json["mode"], "quick");
  EXPECT_EQ(json["end"], "winner");
  EXPECT_EQ(json["choice"], "processes/w2/t1/compact/c8/shm");
  EXPECT_EQ(json["survivors"], Json::array({"processes/w2/t1/compact/c8/shm"}));
  EXPECT_EQ(json["reference"], "serial/w1/t1/compact/c8");
  EXPECT_EQ(json["default"], "processes/w1/t1/compact/c8/shm");
  EXPECT_TRUE(json["guarantee"].is_null());
  const Json& cell = json["cells"][2];
  EXPECT_EQ(cell["fate"], "survivor");
  EXPECT_EQ(cell["why"], "no cell is faster");
  EXPECT_EQ(cell["launches"], 40);
  EXPECT_NEAR(cell["over_reference"]["median"].get<double>(), 2, 1e-12);
  EXPECT_EQ(json["cells"][0]["fate"], "unmeasured");
  EXPECT_TRUE(json["cells"][0]["over_reference"]["median"].is_null());
}

TEST(SearchJson, GivesGainsAsRatiosOfThroughputsWithTheirIntervals) {
  const Json json = SearchJson(Searched());
  const Json& gain = json["gain_over_default"];
  EXPECT_EQ(gain["over"], "processes/w1/t1/compact/c8/shm");
  EXPECT_NEAR(gain["median"].get<double>(), 1.5, 1e-12);
  EXPECT_NEAR(gain["interval"]["low"].get<double>(), 1.4, 1e-12);
  EXPECT_NEAR(gain["interval"]["high"].get<double>(), 1.6, 1e-12);
  EXPECT_EQ(gain["interval"]["method"], "order statistics");
  EXPECT_EQ(json["gain_over_runner_up"]["why_null"], "there is no runner-up");
  EXPECT_TRUE(json["gain_over_runner_up"]["over"].is_null());
}

TEST(JsonReport, OfASearchIsFinishedOnceItHasEnded) {
  SweepResult sweep = Searched();
  const auto finished = [&sweep] {
    return Json::parse(RenderJsonReport(sweep, {}))["finished"].get<bool>();
  };
  EXPECT_TRUE(finished());
  sweep.search->ended = false;
  EXPECT_FALSE(finished());
}

TEST(SearchLines, LeadTheAnswerAndGiveTheGains) {
  EXPECT_THAT(
      Answer(Searched()),
      ElementsAre(
          "Search quick: it won, in 90 launches (20 of the reference) and 3 probes.",
          StartsWith("Use 2 workers × 1 thread, placement compact, chunk 8, transport shm: 150 "
                     "items/s, 1.50 × one process"),
          "It gives 1.50 × the default, processes/w1/t1/compact/c8/shm (interval 1.40–1.60 over 6 "
          "fresh blocks, order statistics, 96.8 %).",
          "Its gain over the runner-up was not measured: there is no runner-up."));
}

TEST(SearchLines, DoNotNameALoneWinnerWhereNoneWasFound) {
  SweepResult sweep = Searched();
  sweep.search->result.end = SearchEnd::kSurvivors;
  EXPECT_THAT(Answer(sweep)[1], StartsWith("If one must be taken now: 2 workers"));
}

TEST(SearchLines, SayWhenTheChoiceIsTheDefaultAndPrintTheGuarantee) {
  SweepResult sweep = Searched();
  sweep.search->plan.default_cell = 2;
  sweep.search->result.guarantee = "With probability at least 95 % …";
  const auto lines = SearchEvidence(*sweep.search);
  EXPECT_EQ(lines.front(), "It is the default: what one would take without measuring.");
  EXPECT_EQ(lines.back(), "With probability at least 95 % …");
}

TEST(SearchLines, LeaveOutGainsWithoutAChoice) {
  SweepResult sweep = Searched();
  sweep.search->result.choice.reset();
  sweep.search->result.sentence = "no cell gave a value";
  EXPECT_TRUE(SearchEvidence(*sweep.search).empty());
  EXPECT_THAT(Answer(sweep)[0], HasSubstr("no cell gave a value"));
  EXPECT_THAT(Answer(sweep)[1], StartsWith("No cell can be recommended"));
}

TEST(SearchLines, OfAnInterruptedSearchDoNotSayHowMuchWasLeft) {
  SweepResult sweep = Searched();
  sweep.interrupted = true;
  sweep.search->expected = 6;  // it has ended
  EXPECT_THAT(Answer(sweep)[0], StartsWith("Interrupted after 6 trials; "));
}

TEST(BestCell, OfASearchIsItsChoiceWhateverTheMediansSay) {
  SweepResult sweep = Searched();
  sweep.search->result.choice = 1;
  EXPECT_EQ(BestCell(sweep, SummarizeCells(sweep)), 1);
  sweep.search->result.choice.reset();
  EXPECT_EQ(BestCell(sweep, SummarizeCells(sweep)), -1);
}

}  // namespace
}  // namespace coresweep::search_report_test
