// Exporters for services that follow benchmarks.
#include "reports/continuous_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace coresweep {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// One cell that is good, one with wrong answers, one that was not reached.
StoredPage SomePage() {
  StoredPage page;
  page.created = "2026-01-01T00:00:00.000Z";
  page.workload = "torch encoder";
  page.version = "0.1.0";
  PageCell good;
  good.id = "processes/w2";
  good.verdict = "ok";
  good.repetitions = 3;
  good.throughput_per_s = PageValue{186.25, 180, 190, std::nullopt};
  good.speedup = PageValue{1.94, 1.9, 1.98, std::nullopt};
  good.p50_us = 1500;
  good.p99_us = 2500;
  PageCell wrong = good;
  wrong.id = "processes/w3";
  wrong.verdict = "incorrect";
  PageCell missing;
  missing.id = "processes/w4";
  missing.verdict = "pending";
  page.cells = {good, wrong, missing};
  return page;
}

TEST(Bencher, HasMeasuresInItsUnits) {
  EXPECT_EQ(nlohmann::json::parse(RenderBencher(SomePage())), nlohmann::json::parse(R"({
    "torch encoder processes/w2": {
      "throughput": {"value": 186.25, "lower_value": 180.0, "upper_value": 190.0},
      "latency": {"value": 1500000.0},
      "latency-p99": {"value": 2500000.0}}})"));
}

TEST(Bencher, NamesAreNoLongerThanItTakes) {
  StoredPage page = SomePage();
  page.cells[0].id = std::string(3000, 'x');
  const auto json = nlohmann::json::parse(RenderBencher(page));
  EXPECT_LE(json.begin().key().size(), 1026U);  // 1,024 characters, the last of three bytes
}

TEST(GithubActionBenchmark, HasWhatIsBetterWhenBigger) {
  const auto json = nlohmann::json::parse(RenderGithubActionBenchmark(SomePage()));
  ASSERT_EQ(json.size(), 2U);
  EXPECT_EQ(json[0]["name"], "torch encoder processes/w2 throughput");
  EXPECT_EQ(json[0]["unit"], "items/s");
  EXPECT_EQ(json[0]["value"], 186.25);
  EXPECT_EQ(json[0]["range"], "180 to 190");
  EXPECT_THAT(json[0]["extra"].get<std::string>(), HasSubstr("latency p99: 2.50 ms"));
  EXPECT_EQ(json[1]["name"], "torch encoder processes/w2 speedup");
  EXPECT_EQ(json[1]["value"], 1.94);
}

TEST(Otava, IsAHeadingAndARow) {
  EXPECT_EQ(RenderOtava(SomePage()),
            "time,program,\"throughput_items_per_s processes/w2\",\"latency_p50_us processes/w2\","
            "\"throughput_items_per_s processes/w4\",\"latency_p50_us processes/w4\"\n"
            "\"2026-01-01T00:00:00.000Z\",\"coresweep 0.1.0\",186.25,1500,,\n");
}

TEST(Otava, TextsStayInTheirField) {
  StoredPage page = SomePage();
  page.version = "=1\n\",x";
  EXPECT_THAT(RenderOtava(page), HasSubstr(",\"coresweep =1 \"\",x\","));
}

}  // namespace
}  // namespace coresweep
