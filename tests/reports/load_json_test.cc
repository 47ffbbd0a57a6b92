#include "reports/load_json.h"

#include <gtest/gtest.h>

#include "reports/cell_json.h"
#include "reports/json_report.h"
#include "reports/trial_json.h"
#include "tests/support/open_load_sweep.h"

namespace coresweep::load_json_test {
namespace {

using Json = nlohmann::ordered_json;
using example::OpenSweep;

Json CellAt(const SweepResult& sweep, int index) {
  return CellJson(sweep, SummarizeCell(sweep, index));
}

TEST(LoadJson, ACellShowsRatesQueueLatenciesAndTheHarnesssLateness) {
  const Json cell = CellAt(OpenSweep().sweep(), 1);
  EXPECT_EQ(cell["load"], "open");
  EXPECT_EQ(cell["arrivals"], "poisson");
  EXPECT_EQ(cell["rate"], 2000);
  EXPECT_EQ(cell["verdict"], "saturated");
  EXPECT_TRUE(cell["speedup"]["median"].is_null());
  const Json& load = cell["open_load"];
  EXPECT_EQ(load["rate_asked"], 2000);
  EXPECT_EQ(load["rate_offered"]["median"], 1000);
  EXPECT_EQ(load["rate_reached"]["median"], 600);
  EXPECT_EQ(load["saturated"], true);
  EXPECT_EQ(load["queue_depth"]["mean"]["median"], 1.5);
  EXPECT_EQ(load["queue_depth"]["max"], 127);
  EXPECT_EQ(load["never_issued"], 120);
  EXPECT_EQ(load["latency_from_issue"]["p99"], 1000);
  EXPECT_EQ(load["issue_lateness_us"]["p99"]["median"], 60);
  EXPECT_EQ(load["issue_lateness_us"]["requests"], 450);
  EXPECT_EQ(cell["latency"]["p50"], 2000);
  EXPECT_TRUE(cell["latency"]["p99"].is_null());  // 120 of 1120 were never issued
}

TEST(LoadJson, AShareIsShownAsItWasAskedFor) {
  EXPECT_EQ(RateJson(example::OpenCell(960, 0.8).load), "80%");
  EXPECT_TRUE(RateJson({}).is_null());
}

TEST(LoadJson, UnderClosedLoadThereIsNone) {
  const Json cell = CellAt(example::FullSweep(), 2);
  EXPECT_EQ(cell["load"], "closed");
  EXPECT_TRUE(cell["rate"].is_null());
  EXPECT_TRUE(cell["open_load"].is_null());
  EXPECT_TRUE(CellAt(example::FullSweep(), 0)["load"].is_null());  // nothing dispatches
  const Json trial = TrialJson(example::FullSweep(), 2, 10);
  EXPECT_TRUE(trial["open_load"].is_null());
  EXPECT_TRUE(trial["samples"]["due_us"].is_null());
}

TEST(LoadJson, ATrialShowsItsCountsAndDueTimes) {
  const Json trial = TrialJson(OpenSweep().sweep(), 1, 2);
  EXPECT_EQ(trial["open_load"]["due"], 500);
  EXPECT_EQ(trial["open_load"]["computed"], 300);
  EXPECT_EQ(trial["open_load"]["saturated"], true);
  EXPECT_EQ(trial["samples"]["due_us"].dump(), "[100000.0,100000.0]");
  EXPECT_EQ(trial["warnings"].size(), 1u);
}

TEST(LoadJson, AReportNamesTheKneeOfEachShape) {
  const SweepResult sweep = OpenSweep().sweep();
  const Json knees = KneesJson(sweep, FindKnees(sweep, SummarizeCells(sweep)));
  ASSERT_EQ(knees.size(), 1u);
  EXPECT_EQ(knees[0]["shape"], "processes/w2/t1/compact/c8/shm");
  EXPECT_EQ(knees[0]["rate"], 1000);
  EXPECT_EQ(knees[0]["points"][2]["cell"], "processes/w2/t1/compact/c8/shm/r2000");
  EXPECT_EQ(knees[0]["points"][2]["sustained"], "no");
  EXPECT_EQ(Json::parse(RenderJsonReport(sweep, {}))["knees"], knees);
  EXPECT_EQ(Json::parse(RenderJsonReport(example::FullSweep(), {}))["knees"], Json::array());
}

}  // namespace
}  // namespace coresweep::load_json_test
