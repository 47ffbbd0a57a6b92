#include "reports/selftest_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace coresweep::selftest_report_test {
namespace {

using ::testing::HasSubstr;

SelftestResult Example() {
  return {{{0, 10, 0, 0, 0, {10, 12, 10, 10, 10, 10, 10, 10, 10, 10}},
           {0.05, 0, 4, 1, 0, {20, 22, 24, 26, 120}},
           {0.10, 0, 0, 0, 0, {}}}};
}

TEST(SelftestReport, JsonHasCountsLimitsAndNullForWhatWasNotRun) {
  const auto json = SelftestJson(Example());
  EXPECT_EQ(json["schema"], "coresweep.selftest");
  EXPECT_EQ(json["verdict"], "too_few");
  EXPECT_EQ(json["rows"][0]["gates"], 10);
  EXPECT_EQ(json["rows"][0]["fail_rate_low"], 0.0);
  EXPECT_NEAR(json["rows"][0]["fail_rate_high"].get<double>(), 0.3085, 1e-4);
  EXPECT_EQ(json["rows"][1]["median_blocks"], 24.0);
  EXPECT_TRUE(json["rows"][2]["median_blocks"].is_null());
}

TEST(SelftestReport, SaysWhatItMeansAndShowsEachRow) {
  const std::string text = RenderSelftest(Example(), 120);
  EXPECT_THAT(text, HasSubstr("Too little to tell"));
  EXPECT_THAT(text, HasSubstr("0.0 to 30.8 %"));
  EXPECT_THAT(text, HasSubstr("5 % more work"));
  EXPECT_THAT(text, HasSubstr("10 % more work"));
}

}  // namespace
}  // namespace coresweep::selftest_report_test
