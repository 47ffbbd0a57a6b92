#include "reports/compare_html.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "reports/compare_report.h"
#include "reports/html_text.h"
#include "tests/support/sku_instance.h"

namespace coresweep::compare_html_test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using Json = nlohmann::json;

SkuReport HtmlInstance(const std::string& sku, int number, double per_s, double p99_us) {
  SkuReport report = example::SkuInstance(sku, number, per_s, p99_us);
  report.cpu_model = "model <A>";
  return report;
}

/// "fast" has more throughput and less p99 than "beaten"; "slow" least of both.
SkuComparison HtmlCompared(int instances, const SkuQuestion& question = {}) {
  std::vector<SkuReport> reports;
  for (int i = 1; i <= instances; ++i) {
    reports.push_back(HtmlInstance("fast", i, 200 + i, 20e3));
    reports.push_back(HtmlInstance("beaten", i, 150 + i, 30e3));
    reports.push_back(HtmlInstance("slow", i, 100 + i, 10e3));
  }
  return CompareSkus(reports, question);
}

TEST(CompareHtml, SaysTheConsolesAnswerFirstAndHasEverySku) {
  const SkuComparison comparison = HtmlCompared(5);
  const std::string page = RenderComparisonHtml(comparison);
  EXPECT_THAT(page, HasSubstr("<p class=\"lead sentence\">" +
                              Html(ComparisonAnswer(comparison).front()) + "</p>"));
  for (const char* sku : {"fast", "beaten", "slow"})
    EXPECT_THAT(
        page, HasSubstr(fmt::format("<th scope=row>{}</th><td class=n data-v=\"5\">5</td>", sku)));
  EXPECT_THAT(page, AllOf(HasSubstr("201–205</td>"), HasSubstr("model &lt;A&gt;"),
                          Not(HasSubstr("model <A>"))));
}

TEST(CompareHtml, FrontOfThroughputAndLatencyLeavesOutWhatIsBeatenInBoth) {
  const SkuComparison comparison = HtmlCompared(5);
  std::vector<std::string> names;
  for (const size_t row : LatencyFrontOf(comparison))
    names.push_back(comparison.rows[row].sku);
  EXPECT_THAT(names, ElementsAre("slow", "fast"));
}

TEST(CompareHtml, ChartsHaveIntervalsOrRangesAndSayWhich) {
  const Json five = Json::parse(ComparisonChartData(HtmlCompared(5)));
  const Json& fast = five["skus"][0];
  EXPECT_EQ(fast["name"], "fast");
  EXPECT_EQ(fast["throughput"], (Json{{"median", 203},
                                      {"low", 201},
                                      {"high", 205},
                                      {"interval", true},
                                      {"values", {201, 202, 203, 204, 205}}}));
  EXPECT_EQ(fast["cost"], nullptr);
  const Json three = Json::parse(ComparisonChartData(HtmlCompared(3)));
  EXPECT_EQ(three["skus"][0]["throughput"]["interval"], false);
}

TEST(CompareHtml, RealDifferencesAreMarkedAndFewInstancesProveNothing) {
  const Json five = Json::parse(ComparisonChartData(HtmlCompared(5)));
  int real = 0;
  for (const Json& pair : five["pairs"])
    real += pair["real"] == true ? 1 : 0;
  EXPECT_EQ(real, 6);  // three pairs in throughput and in p99
  const Json one = Json::parse(ComparisonChartData(HtmlCompared(1)));
  for (const Json& pair : one["pairs"])
    EXPECT_EQ(pair["real"], false) << pair;
  EXPECT_THAT(RenderComparisonHtml(HtmlCompared(1)), HasSubstr("descriptive only</span>"));
}

TEST(CompareHtml, WithoutPricesItSaysWhatTheCostChartsNeed) {
  const std::string page = RenderComparisonHtml(HtmlCompared(3));
  EXPECT_THAT(page, AllOf(HasSubstr("id=\"plot-latency\""), Not(HasSubstr("id=\"plot-cost\"")),
                          HasSubstr("Not drawn. Needs prices: give them with --price-book.")));
}

}  // namespace
}  // namespace coresweep::compare_html_test
