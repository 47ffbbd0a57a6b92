#include "reports/html_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "reports/html_assets.h"
#include "reports/html_costs.h"
#include "reports/html_samples.h"
#include "reports/html_tables.h"
#include "reports/html_text.h"

namespace coresweep::html_report_test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;

/// A launch with a window of 0 to 1 ms and these chunks, [worker, issued, started, computed,
/// merged] in µs.
Json LaunchOf(const std::vector<std::array<double, 5>>& chunks) {
  Json samples = {{"stride", 1},      {"worker", Json::array()}, {"issued_us", {}},
                  {"started_us", {}}, {"computed_us", {}},       {"merged_us", {}},
                  {"due_us", nullptr}};
  for (const auto& chunk : chunks) {
    size_t at = 0;
    for (const char* key : {"worker", "issued_us", "started_us", "computed_us", "merged_us"})
      samples[key].push_back(chunk[at++]);
  }
  return {{"window_begin_ms", 0}, {"window_end_ms", 1}, {"samples", samples}};
}

TEST(HtmlText, EscapesWhatWouldBeMarkup) {
  EXPECT_EQ(Html("<a href='x'>\"&\x01"), "&lt;a href=&#39;x&#39;&gt;&quot;&amp; ");
}

TEST(HtmlText, FiguresForScriptsCannotEndTheirElement) {
  const std::string text = ScriptJson({{"a", "</script><!--&\u2028"}});
  EXPECT_EQ(text, R"({"a":"\u003c/script\u003e\u003c!--\u0026\u2028"})");
  EXPECT_EQ(Json::parse(text)["a"], "</script><!--&\u2028");
}

TEST(HtmlText, PolicyHasTheDigestInBase64) {
  // SHA-256 of nothing, as `printf '' | openssl dgst -sha256 -binary | base64` has it.
  EXPECT_EQ(CspSource("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
}

TEST(HtmlText, TablesCarryNumbersToSortBy) {
  HtmlTable table("t", "Two", {{"Name", false, ""}, {"Time", true, "ms"}});
  table.Add({TextField("<b>"), {"1,234", 1234}}, true);
  EXPECT_THAT(table.Text(),
              AllOf(HasSubstr("<th scope=row>&lt;b&gt;</th><td class=n data-v=\"1234\">1,234</td>"),
                    HasSubstr("<tr class=best>"), HasSubstr("Time <small>ms</small>")));
}

TEST(HtmlSamples, TimeOfAChunkIsSplitByItsNeighbours) {
  // The second chunk waits 100 µs for its worker and 10 µs more to begin; the other worker's is
  // done 200 µs before the second chunk is merged, and merged 5 µs after it.
  const Json launch = LaunchOf({{0, 0, 0, 100, 110}, {0, 0, 110, 400, 420}, {1, 0, 0, 220, 425}});
  const CellSamples samples = SamplesOf({&launch});
  ASSERT_TRUE(samples.parts);
  EXPECT_TRUE(samples.parts->apart);
  EXPECT_DOUBLE_EQ(samples.parts->queue_us, 100.0 / 3);
  EXPECT_DOUBLE_EQ(samples.parts->merge_us, 200.0 / 3);
  EXPECT_DOUBLE_EQ(samples.parts->compute_us, (100.0 + 290 + 220) / 3);
  EXPECT_DOUBLE_EQ(samples.parts->transport_us, (10.0 + 10 + 20 + 5) / 3);
  EXPECT_EQ(samples.chunks, 3U);
}

TEST(HtmlSamples, ThinnedSamplesAreNotSplit) {
  Json launch = LaunchOf({{0, 0, 10, 100, 110}, {0, 0, 110, 400, 420}});
  launch["samples"]["stride"] = 2;
  const CellSamples samples = SamplesOf({&launch});
  ASSERT_TRUE(samples.parts);
  EXPECT_FALSE(samples.parts->apart);
  EXPECT_DOUBLE_EQ(samples.parts->queue_us, 60);
  EXPECT_DOUBLE_EQ(samples.parts->transport_us, 0);
  EXPECT_DOUBLE_EQ(samples.parts->merge_us, 15);
}

TEST(HtmlSamples, WhatWasNeverIssuedIsLaterThanAllOthers) {
  std::vector<std::array<double, 5>> chunks(50, {0, 1, 2, 3, 4});
  Json launch = LaunchOf(chunks);
  const size_t without = SamplesOf({&launch}).percentiles.size();
  launch["open_load"] = {{"never_issued", 50}};
  const auto with = SamplesOf({&launch}).percentiles;
  ASSERT_FALSE(with.empty());
  EXPECT_LE(with.back().first, 0.5);
  EXPECT_GT(without, 0U);
}

TEST(HtmlSamples, ChunksOutsideOfTheWindowAndGapsDoNotCount) {
  Json launch = LaunchOf({{0, 0, 10, 100, 110}, {0, 1900, 2000, 2100, 2200}});
  EXPECT_EQ(SamplesOf({&launch}).chunks, 1U);
  launch["samples"]["computed_us"][0] = nullptr;
  EXPECT_EQ(SamplesOf({&launch}).chunks, 0U);
  EXPECT_FALSE(SamplesOf({&launch}).parts);
}

Json GoldenReport() {
  std::ifstream file(CORESWEEP_SOURCE_DIR "/tests/fixtures/reports/full_sweep.json");
  return Json::parse(file);
}

TEST(HtmlReport, HasTheAnswerTheTablesAndTheCharts) {
  const Json report = GoldenReport();
  const StoredPage page = ReadStoredPage(report, "golden");
  const std::string text = RenderHtml(report, page);
  for (const PageCell& cell : page.cells)
    EXPECT_THAT(text, HasSubstr("<code>" + Html(cell.id) + "</code>"));
  for (const char* part : {"id=answer", "id=limits", "id=warnings", "id=charts", "id=tables",
                           "id=\"fig-speedup\"", "id=fig-machine", "<noscript>"})
    EXPECT_THAT(text, HasSubstr(part));
  EXPECT_THAT(text, AllOf(HasSubstr(ChartLibrary().text.substr(0, 200)), HasSubstr("★")));
}

SweepCosts GoldenCosts(const Json& report) {
  SweepCosts costs;
  costs.run = ReadCostedRun(report, "golden");
  costs.book.name = "<book>";
  costs.book.currency = "USD";
  costs.book.memory_unit = "GB";
  costs.run_s = 3600;
  for (size_t i = 0; i < costs.run.cells.size(); ++i) {
    CellCost cost;
    cost.cell = i;
    if (i == 0) {
      cost.why_none = "no <size>";
    } else {
      cost.of =
          SizeCost{{"", 2, 4}, true, 0.1, Estimate{0.5, {}, {}}, Estimate{0.625, 0.5, 0.75}, 3600};
      cost.front = i == 1;
    }
    costs.cells.push_back(cost);
  }
  return costs;
}

TEST(HtmlReport, ShowsCostsWherePricesAreGiven) {
  const Json report = GoldenReport();
  const StoredPage page = ReadStoredPage(report, "golden");
  const SweepCosts costs = GoldenCosts(report);
  ASSERT_GE(costs.run.cells.size(), 2U);
  const std::string text = RenderHtml(report, page, &costs);
  EXPECT_THAT(text, AllOf(HasSubstr("id=\"plot-cost\""), HasSubstr("<table id=\"costs\""),
                          HasSubstr("<td>2 vCPU / 4 GB</td>"), HasSubstr("0.500–0.750"),
                          HasSubstr("no &lt;size&gt;"), Not(HasSubstr("<book>"))));
  const Json json = Json::parse(CostsJson(&costs, page).dump());
  EXPECT_EQ(json["at"].size(), costs.run.cells.size() - 1);
  EXPECT_EQ(page.cells.at(json["at"][0].get<size_t>()).id, costs.run.cells[1].id);
  EXPECT_EQ(json["cost"][0], 0.625);
  EXPECT_EQ(json["front"][0], true);
}

TEST(HtmlReport, TheTableOfCostsHasTheThousandCheapestCells) {
  SweepCosts costs;
  costs.book.currency = "USD";
  costs.book.memory_unit = "GB";
  for (size_t i = 0; i <= 1000; ++i) {
    CostedCell cell;
    cell.id = "c" + std::to_string(i);
    costs.run.cells.push_back(cell);
    const double billed = 2000.0 - static_cast<double>(i);
    CellCost cost;
    cost.cell = i;
    cost.of =
        SizeCost{{"", 2, 4}, true, 0.1, Estimate{0.5, {}, {}}, Estimate{billed, {}, {}}, 3600};
    costs.cells.push_back(cost);
  }
  EXPECT_THAT(CostsTable(costs),
              AllOf(HasSubstr("; the 1,000 cheapest cells"), HasSubstr("<code>c1000</code>"),
                    HasSubstr("<code>c1</code>"), Not(HasSubstr("<code>c0</code>"))));
  costs.cells.erase(costs.cells.begin() + 1, costs.cells.end());
  EXPECT_THAT(CostsTable(costs),
              AllOf(Not(HasSubstr("cheapest cells")), HasSubstr("<code>c0</code>")));
}

TEST(HtmlReport, SaysWhatCostsNeed) {
  const Json report = GoldenReport();
  EXPECT_THAT(RenderHtml(report, ReadStoredPage(report, "golden")),
              AllOf(HasSubstr("With --price-book it is"), Not(HasSubstr("id=\"plot-cost\""))));
}

TEST(HtmlReport, TablesHaveTheThousandFastestCells) {
  StoredPage page;
  std::vector<CellSamples> samples(1001);
  for (size_t i = 0; i < samples.size(); ++i) {
    PageCell cell;
    cell.id = "c" + std::to_string(i);
    cell.throughput_per_s.emplace().median = static_cast<double>(i);
    page.cells.push_back(cell);
    samples[i].parts = ChunkParts{};
  }
  const auto fastest = AllOf(HasSubstr("<code>c1000</code>"), HasSubstr("<code>c1</code>"),
                             Not(HasSubstr("<code>c0</code>")));
  EXPECT_THAT(CellsTable(page),
              AllOf(HasSubstr("The 1,000 fastest of 1,001 cells; --format csv has all"), fastest));
  EXPECT_THAT(ChunkTimesTable(page, samples),
              AllOf(HasSubstr("; the 1,000 fastest cells"), fastest));
  page.recommended = 0;  // the slowest
  EXPECT_THAT(CellsTable(page), HasSubstr("<code>c0</code> <b class=star>"));
  page.cells.pop_back();
  EXPECT_THAT(CellsTable(page),
              AllOf(HasSubstr("All cells, fastest first"), HasSubstr("<code>c0</code>")));
}

TEST(HtmlReport, SaysWhatIsNotDrawnAndWhy) {
  Json report = GoldenReport();
  report["trials"] = Json::array();
  const std::string text = RenderHtml(report, ReadStoredPage(report, "golden"));
  EXPECT_THAT(text, AllOf(HasSubstr("Not drawn. Needs sampled chunks."),
                          Not(HasSubstr("id=\"plot-parts\""))));
}

TEST(HtmlReport, ReportsOfEarlierVersionsAreShown) {
  for (const char* name : {"schema_2.0", "schema_2.1", "schema_2.2"}) {
    std::ifstream file(std::string(CORESWEEP_SOURCE_DIR "/tests/fixtures/reports/") + name +
                       ".json");
    const Json report = Json::parse(file);
    EXPECT_THAT(RenderHtml(report, ReadStoredPage(report, name)), HasSubstr("</html>"));
  }
}

}  // namespace
}  // namespace coresweep::html_report_test
