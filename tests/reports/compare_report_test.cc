#include "reports/compare_report.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "reports/compare_json.h"
#include "reports/text.h"
#include "tests/support/sku_instance.h"

namespace coresweep::compare_report_test {
namespace {

using example::SkuInstance;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

SkuComparison Compared(int instances) {
  std::vector<SkuReport> reports;
  for (int i = 1; i <= instances; ++i) {
    reports.push_back(SkuInstance("small", i, 100 + i));
    reports.push_back(SkuInstance("large", i, 200 + i));
  }
  return CompareSkus(reports, {});
}

/// Lines joined again, to look for sentences.
std::string OneLine(std::string text) {
  for (size_t at = 0; (at = text.find("\n  ", at)) != std::string::npos;)
    text.replace(at, 3, " ");
  return text;
}

TEST(RenderComparison, AnswersInWordsFirst) {
  const std::string text = RenderComparison(Compared(5), 300);
  EXPECT_THAT(text, StartsWith("Highest throughput: large with processes/w2: 203 items/s (93.7 % "
                               "interval 201–205 over 5 instances)."));
  EXPECT_THAT(text, HasSubstr("Throughput, real differences: small is 0.51 × large (96.8 % "
                              "interval 0.50–0.52), p = 0.0079."));
  EXPECT_THAT(text, HasSubstr("Latency p99, cannot be told apart: small is 1.00 × large"));
  EXPECT_THAT(text, HasSubstr("1.5 of 2"));
}

TEST(RenderComparison, SaysWhatFewInstancesCannotTell) {
  EXPECT_THAT(OneLine(RenderComparison(Compared(3), 100)),
              AllOf(HasSubstr("(range 201–203 over 3 instances)"),
                    HasSubstr("not even the clearest difference could be proven; run more")));
  EXPECT_THAT(OneLine(RenderComparison(Compared(1), 100)),
              AllOf(HasSubstr("(1 instance, descriptive only)"),
                    HasSubstr("descriptive only (below three instances), proves nothing"),
                    Not(HasSubstr("real differences:"))));
}

TEST(RenderComparison, KeepsToTheWidth) {
  std::istringstream lines(RenderComparison(Compared(5), 60));
  for (std::string line; std::getline(lines, line);)
    EXPECT_LE(DisplayWidth(line), 60U) << line;
}

TEST(RenderComparison, ShowsNoControlCharactersOfReports) {
  SkuReport hostile = SkuInstance("a", 1, 100);
  hostile.cpu_model = "\x1b[31mred";
  hostile.cells[0].costed.id = "cell\nforged line";
  hostile.finished = false;
  hostile.file = "a\x1b]0;title.json";
  const std::string text = RenderComparison(CompareSkus({hostile}, {}), 300);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_THAT(text, Not(HasSubstr("\nforged")));
}

TEST(ComparisonJson, HasFiguresWithTheirInstances) {
  const OrderedJson json = ToJson(Compared(5));
  EXPECT_EQ(json["schema"], "coresweep.comparison");
  const OrderedJson& large = json["skus"][0];
  EXPECT_EQ(large["sku"], "large");
  EXPECT_EQ(large["best"]["throughput_per_s"]["median"], 203);
  EXPECT_EQ(large["best"]["throughput_per_s"]["values"].size(), 5U);
  EXPECT_EQ(large["instances"][0]["usable_cpus"], 1.5);
  EXPECT_TRUE(large["cost"].is_null());
  EXPECT_EQ(json["differences_between_skus"]["metrics"]["throughput"][0]["verdict"], "real");
}

}  // namespace
}  // namespace coresweep::compare_report_test
