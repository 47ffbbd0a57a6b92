// A stored report read again, and its other formats.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "harness/base/atomic_file.h"
#include "reports/csv_report.h"
#include "reports/junit_report.h"
#include "reports/markdown_report.h"
#include "reports/openmetrics_report.h"

namespace coresweep {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

PageCell MakeStored(const std::string& id, const std::string& verdict) {
  PageCell cell;
  cell.id = id;
  cell.axes = {{"mode", "processes"}, {"workers", "2"}, {"credit", ""}};
  cell.verdict = verdict;
  cell.repetitions = 3;
  return cell;
}

PageCell Measured() {
  PageCell cell = MakeStored("processes/w2", "ok");
  cell.throughput_per_s = PageValue{186.25, 180, 190, std::nullopt};
  cell.speedup = PageValue{1.94, 1.9, 1.98, std::nullopt};
  cell.p50_us = 1500;
  cell.p99_us = 2500;
  cell.answers = 600;
  cell.took_s = 1.5;
  return cell;
}

/// One cell that is good, one that failed, one that was not reached, one that was skipped.
StoredPage Page() {
  StoredPage page;
  page.created = "2026-01-01T00:00:00Z";
  page.workload = "torch encoder";
  page.version = "0.1.0";
  page.finished = true;
  page.cells = {Measured(), MakeStored("processes/w3", "failed"),
                MakeStored("processes/w4", "pending")};
  page.cells[1].reason = "worker 1 was killed";
  page.cells[1].wrong = 4;
  page.skipped = {{"processes/w9", "too many"}};
  page.recommended = 0;
  return page;
}

StoredPage Golden(const std::string& name) {
  const auto folder = std::filesystem::path(CORESWEEP_SOURCE_DIR) / "tests/fixtures/reports";
  return ReadStoredPage(nlohmann::json::parse(ReadFile(folder / name)), name);
}

TEST(StoredPage, HasTheFiguresOfTheReport) {
  const StoredPage page = Golden("full_sweep.json");
  EXPECT_EQ(page.workload, "torch encoder");
  ASSERT_EQ(page.cells.size(), 4U);
  EXPECT_EQ(page.cells[0].id, "serial/w1/t1/compact/c8");
  EXPECT_TRUE(page.cells[0].control);
  EXPECT_EQ(page.cells[0].throughput_per_s->median, 96);
  EXPECT_EQ(page.cells[0].speedup->confidence, std::nullopt);
  EXPECT_EQ(page.cells[0].answers, 100);
  EXPECT_FALSE(page.cells[2].control);
  EXPECT_TRUE(page.cells[3].Failed());
  ASSERT_FALSE(page.skipped.empty());
  EXPECT_THAT(page.skipped[0].reason, HasSubstr("more than the usable CPUs"));
  ASSERT_TRUE(page.recommended);
  EXPECT_FALSE(page.cells[*page.recommended].Failed());
}

TEST(StoredPage, OfEarlierVersionsIsReadToo) {
  for (const char* name : {"schema_2.0.json", "schema_2.1.json", "schema_2.2.json"}) {
    const StoredPage page = Golden(name);
    EXPECT_EQ(page.cells.size(), 4U) << name;
    EXPECT_TRUE(page.recommended) << name;
  }
}

TEST(StoredPage, TakesTheIntervalWhereThereIsOne) {
  nlohmann::json report = nlohmann::json::parse(ReadFile(
      std::filesystem::path(CORESWEEP_SOURCE_DIR) / "tests/fixtures/reports/full_sweep.json"));
  report["cells"][0]["speedup"]["interval"] = {{"low", 0.5}, {"high", 1.5}, {"confidence", 0.97}};
  const StoredPage page = ReadStoredPage(report, "r.json");
  EXPECT_EQ(page.cells[0].speedup->low, 0.5);
  EXPECT_EQ(page.cells[0].speedup->high, 1.5);
  EXPECT_EQ(page.cells[0].speedup->confidence, 0.97);
}

TEST(StoredPage, CountsEveryKindOfWrongAnswer) {
  nlohmann::json report = nlohmann::json::parse(ReadFile(
      std::filesystem::path(CORESWEEP_SOURCE_DIR) / "tests/fixtures/reports/full_sweep.json"));
  nlohmann::json& cell = report["cells"][0];
  cell["ordering"].update(
      {{"missing", 1}, {"duplicated", 20}, {"misplaced", 300}, {"corrupted", 4000}});
  cell["output_check"]["outside_tolerance"] = 50000;
  EXPECT_EQ(ReadStoredPage(report, "r.json").cells[0].wrong, 54321);
}

TEST(AnswerOf, SaysWhatToUseAndHowSureThatIs) {
  StoredPage page = Page();
  EXPECT_EQ(AnswerOf(page),
            "Use processes/w2: 186 items/s, 1.94 × one process (range 1.90–1.98 over 3 "
            "repetitions). 1 cell failed.");
  page.cells[0].speedup->confidence = 0.96;
  EXPECT_THAT(AnswerOf(page), HasSubstr("(96 % interval 1.90–1.98)"));
  page.cells[0].verdict = "throttled";
  EXPECT_THAT(AnswerOf(page), HasSubstr("; it is throttled all the same."));
  page.recommended.reset();
  page.finished = false;
  EXPECT_EQ(AnswerOf(page),
            "No cell can be recommended. 1 cell failed. The sweep has not come to its end.");
}

TEST(Csv, IsATableOfTheCells) {
  const std::string csv = RenderCsv(Page());
  EXPECT_THAT(csv, StartsWith("cell,mode,workers,credit,recommended,verdict,reason,repetitions,"
                              "throughput_items_per_s,throughput_items_per_s_low,"));
  EXPECT_THAT(csv, HasSubstr("\r\nprocesses/w2,processes,2,,true,ok,,3,186.25,180,190,,1.94,"));
  EXPECT_THAT(csv,
              HasSubstr("\r\nprocesses/w3,processes,2,,false,failed,worker 1 was killed,3,,,"));
  EXPECT_THAT(csv, EndsWith("\r\n"));
}

TEST(Csv, QuotesAndDefusesTexts) {
  StoredPage page = Page();
  page.cells[0].id = "a,\"b\"\nc";
  page.cells[0].reason = "=HYPERLINK(\"x\")";
  const std::string csv = RenderCsv(page);
  EXPECT_THAT(csv, HasSubstr("\"a,\"\"b\"\"\nc\","));
  EXPECT_THAT(csv, HasSubstr("\"'=HYPERLINK(\"\"x\"\")\""));
  EXPECT_THAT(csv, Not(HasSubstr(",=")));
}

TEST(Csv, OfNoCellsIsAHeading) {
  EXPECT_EQ(RenderCsv({}), "cell\r\n");
}

TEST(Markdown, BeginsWithTheAnswerAndSortsByThroughput) {
  StoredPage page = Page();
  page.cells.push_back(Measured());
  page.cells.back().id = "processes/w8";
  page.cells.back().throughput_per_s->median = 999;
  const std::string text = RenderMarkdown(page);
  EXPECT_THAT(text, StartsWith("### coresweep: torch encoder\n\nUse processes/w2: 186 items/s"));
  EXPECT_THAT(
      text,
      HasSubstr("| **processes/w2** (recommended) | 186 | 180–190 | 1.94 | – | 1.50 ms | ok |\n"));
  EXPECT_LT(text.find("| processes/w8 |"), text.find("| **processes/w2**"));
  EXPECT_LT(text.find("| **processes/w2**"), text.find("| processes/w3 |"));
  EXPECT_THAT(text, HasSubstr("- processes/w3: failed: worker 1 was killed\n"));
  EXPECT_THAT(text, HasSubstr("- processes/w9: too many\n"));
}

TEST(Markdown, StaysShort) {
  StoredPage page = Page();
  page.cells.assign(1000, Measured());
  page.skipped.assign(500, {"x", "y"});
  const std::string text = RenderMarkdown(page);
  EXPECT_THAT(text, AllOf(HasSubstr("… and 970 cells more in the report."),
                          HasSubstr("- … and 490 more in the report")));
  EXPECT_LT(text.size(), 10'000U);
}

TEST(Markdown, TextsOfTheReportFormatAndLinkNothing) {
  StoredPage page = Page();
  page.cells[1].reason = "<script>|[x](y)\n# *b* @who #12 `c` https://e.org www.e.org ![i](j)";
  const std::string text = RenderMarkdown(page);
  for (const char* harm :
       {"<script", "[x]", "\n# ", "*b*", "@who", " #12", "`c`", "://", "www.", "![i]"})
    EXPECT_THAT(text, Not(HasSubstr(harm)));
  EXPECT_THAT(text, HasSubstr("&#60;script&#62;&#124;&#91;x&#93;(y)"));
  EXPECT_THAT(text, HasSubstr("&#64;&#8288;who"));
}

TEST(Junit, CountsAndTellsWhy) {
  const std::string xml = RenderJunit(Page());
  EXPECT_THAT(
      xml,
      HasSubstr(
          "<testsuites tests=\"4\" failures=\"1\" errors=\"0\" skipped=\"2\" time=\"1.500\">"));
  EXPECT_THAT(xml, HasSubstr("name=\"processes/w2\" time=\"1.500\"><system-out>ok; 186 items/s, "
                             "speedup 1.94</system-out></testcase>"));
  EXPECT_THAT(xml, HasSubstr("<failure type=\"failed\" message=\"worker 1 was killed\"/>"));
  EXPECT_THAT(xml,
              HasSubstr("name=\"processes/w4\" time=\"0.000\"><skipped message=\"pending\"/>"));
  EXPECT_THAT(xml, HasSubstr("name=\"processes/w9\" time=\"0\"><skipped message=\"too many\"/>"));
}

TEST(Junit, ASlowCellFailsNothing) {
  StoredPage page = Page();
  page.cells = {MakeStored("a", "throttled"), MakeStored("b", "unstable"),
                MakeStored("c", "incorrect")};
  EXPECT_THAT(RenderJunit(page), HasSubstr("failures=\"1\""));
}

TEST(Junit, EscapesAndDropsWhatXmlForbids) {
  StoredPage page = Page();
  page.cells[1].reason = "<a href=\"x\">&\x01\xEF\xBF\xBF]]>";
  EXPECT_THAT(RenderJunit(page),
              HasSubstr("message=\"&lt;a href=&quot;x&quot;&gt;&amp;  ]]&gt;\""));
}

TEST(OpenMetrics, HasFamiliesWithUnitsAndAnEnd) {
  const std::string text = RenderOpenMetrics(Page());
  EXPECT_THAT(text, StartsWith("# TYPE coresweep_throughput_items_per_second gauge\n"
                               "# UNIT coresweep_throughput_items_per_second items_per_second\n"
                               "# HELP coresweep_throughput_items_per_second "));
  const std::string labels =
      "{workload=\"torch encoder\",cell=\"processes/w2\",mode=\"processes\",workers=\"2\"";
  EXPECT_THAT(text, HasSubstr("\ncoresweep_throughput_items_per_second" + labels + "} 186.25\n"));
  EXPECT_THAT(text,
              HasSubstr("\ncoresweep_latency_seconds" + labels + ",quantile=\"0.5\"} 0.0015\n"));
  EXPECT_THAT(text, Not(HasSubstr("quantile=\"0.9\"")));
  EXPECT_THAT(text, HasSubstr("\ncoresweep_cell_verdict" + labels +
                              ",verdict=\"ok\",recommended=\"true\"} 1\n"));
  EXPECT_THAT(text,
              HasSubstr("coresweep_wrong_answers{workload=\"torch "
                        "encoder\",cell=\"processes/w3\",mode=\"processes\",workers=\"2\"} 4\n"));
  EXPECT_THAT(text, EndsWith("\n# EOF\n"));
}

TEST(OpenMetrics, EscapesLabels) {
  StoredPage page = Page();
  page.cells[0].id = "a\"b\\c\nd";
  EXPECT_THAT(RenderOpenMetrics(page), HasSubstr(R"(cell="a\"b\\c\nd",)"));
}

}  // namespace
}  // namespace coresweep
