#include "harness/core/costed_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "harness/base/error.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;

Json WorkerJson(int pid, const Json& pss, double ready_ms) {
  return {{"pid", pid},
          {"pss_bytes", pss},
          {"max_rss_bytes", 900},
          {"startup_ms", {{"ready", ready_ms}}}};
}

struct Shape {
  std::string id;
  std::string mode = "processes";
  int workers = 1;
  double per_s = 100;
  std::string verdict = "ok";
};

Json CellJson(const Shape& shape) {
  const bool dispatched = shape.mode == "processes";
  return {{"id", shape.id},
          {"mode", shape.mode},
          {"workers", shape.workers},
          {"threads", 1},
          {"dispatcher", dispatched ? Json("unpinned") : Json()},
          {"load", dispatched ? Json("closed") : Json()},
          {"verdict", shape.verdict},
          {"throughput",
           {{"median", shape.per_s}, {"low", shape.per_s - 1}, {"high", shape.per_s + 1}}}};
}

Json TrialJson(const std::string& cell, double per_s, const Json& workers,
               const std::string& role = "cell") {
  return {{"cell", cell}, {"role", role}, {"throughput", per_s}, {"workers", workers}};
}

/// One trial a shape, with one worker.
Json ReportJson(const std::vector<Shape>& shapes) {
  Json report = {{"schema", "coresweep.report"},
                 {"schema_version", {{"major", 2}, {"minor", 3}}},
                 {"tool", {{"architecture", "x86_64"}}},
                 {"search", nullptr},
                 {"cells", Json::array()},
                 {"trials", Json::array()}};
  for (const Shape& shape : shapes) {
    report["cells"].push_back(CellJson(shape));
    report["trials"].push_back(
        TrialJson(shape.id, shape.per_s, Json::array({WorkerJson(1, 500, 2000)})));
  }
  return report;
}

std::string RecommendedOf(const std::vector<Shape>& shapes) {
  const CostedRun run = ReadCostedRun(ReportJson(shapes), "r.json");
  return run.recommended ? run.cells[*run.recommended].id : "none";
}

TEST(CostedRun, TakesMemoryOfTheRepetitionWithMost) {
  Json report = ReportJson({{"a"}});
  report["trials"].push_back(TrialJson("a", 101, {WorkerJson(1, 400, 1), WorkerJson(2, 350, 1)}));
  report["trials"].push_back(TrialJson("a", 102, {WorkerJson(1, 300, 1), WorkerJson(2, 310, 1)}));
  EXPECT_EQ(ReadCostedRun(report, "").cells[0].memory_bytes, 750);
}

TEST(CostedRun, CountsAProcessOnceThatHoldsSeveralCopies) {
  Json report = ReportJson({{"a", "threads", 2}});
  report["trials"][0]["workers"] = {WorkerJson(7, 500, 1), WorkerJson(7, 520, 1)};
  EXPECT_EQ(ReadCostedRun(report, "").cells[0].memory_bytes, 520);
}

TEST(CostedRun, WithoutPidsThreadsAreOneProcessAndOtherWorkersAreNot) {
  Json report = ReportJson({{"processes/w2"}, {"threads/w2", "threads"}});
  for (Json& trial : report["trials"]) {
    trial["workers"] = Json::array({WorkerJson(1, 500, 1), WorkerJson(1, 400, 1)});
    for (Json& worker : trial["workers"])
      worker["pid"] = nullptr;
  }
  const CostedRun run = ReadCostedRun(report, "r.json");
  EXPECT_EQ(run.cells[0].memory_bytes, 900);
  EXPECT_EQ(run.cells[1].memory_bytes, 500);
}

TEST(CostedRun, TakesTheResidentSizeWhereTheShareIsNotKnown) {
  Json report = ReportJson({{"a"}});
  report["trials"][0]["workers"] = {WorkerJson(1, nullptr, 1), WorkerJson(2, 500, 1)};
  EXPECT_EQ(ReadCostedRun(report, "").cells[0].memory_bytes, 1400);
  report["trials"][0]["workers"] = Json::array();
  EXPECT_EQ(ReadCostedRun(report, "").cells[0].memory_bytes, std::nullopt);
}

TEST(CostedRun, StartsWhenTheSlowestWorkerIsReady) {
  Json report = ReportJson({{"a"}});
  report["trials"][0]["workers"] = {WorkerJson(1, 500, 1500), WorkerJson(2, 500, 2500)};
  EXPECT_EQ(ReadCostedRun(report, "").cells[0].start_s, 2.5);
}

TEST(CostedRun, AddsAVcpuForADispatcherOfItsOwn) {
  Json report = ReportJson({{"a", "processes", 3}});
  EXPECT_EQ(ReadCostedRun(report, "").cells[0].vcpus, 3);
  report["cells"][0]["threads"] = 2;
  report["cells"][0]["dispatcher"] = "own";
  EXPECT_EQ(ReadCostedRun(report, "").cells[0].vcpus, 7);
}

TEST(CostedRun, HasAnIntervalFromSixRepetitionsAndARangeFromTwo) {
  Json report = ReportJson({{"a"}});
  EXPECT_FALSE(ReadCostedRun(report, "").cells[0].throughput.low);
  report["trials"].push_back(TrialJson("a", 104, Json::array({WorkerJson(1, 1, 1)})));
  CostedCell cell = ReadCostedRun(report, "").cells[0];
  EXPECT_EQ(cell.throughput.low, 99);  // of the cell
  EXPECT_EQ(cell.interval, "least and greatest of 2 repetitions");
  for (const double per_s : {90.0, 95.0, 103.0, 110.0})
    report["trials"].push_back(TrialJson("a", per_s, Json::array({WorkerJson(1, 1, 1)})));
  cell = ReadCostedRun(report, "").cells[0];
  EXPECT_EQ(cell.throughput.low, 90);  // of the trials
  EXPECT_EQ(cell.throughput.high, 110);
  EXPECT_THAT(cell.interval, HasSubstr("order statistics, 96.8 %"));
}

TEST(CostedRun, LeavesOutReferencesProbesIndependentAndOpenLoad) {
  Json report = ReportJson({{"a"}, {"b", "independent"}, {"c"}});
  report["cells"][2]["load"] = "open";
  report["trials"].push_back(
      TrialJson("a", 900, Json::array({WorkerJson(1, 9000, 1)}), "reference"));
  report["trials"].push_back(TrialJson("a", 900, Json::array({WorkerJson(1, 9000, 1)}), "probe"));
  const CostedRun run = ReadCostedRun(report, "");
  ASSERT_EQ(run.cells.size(), 1U);
  EXPECT_EQ(run.cells[0].memory_bytes, 500);
  EXPECT_FALSE(run.cells[0].throughput.low);  // one repetition
}

TEST(CostedRun, RecommendsAsTheSweepDid) {
  EXPECT_EQ(RecommendedOf({{"a", "processes", 2, 100}, {"b", "processes", 4, 103}}), "b");
  // Within 2 %: fewer workers; at equal ones the serial process.
  EXPECT_EQ(RecommendedOf({{"a", "processes", 2, 100}, {"b", "processes", 4, 101}}), "a");
  EXPECT_EQ(RecommendedOf({{"a", "processes", 1, 100}, {"s", "serial", 1, 99}}), "s");
  EXPECT_EQ(RecommendedOf({{"a", "processes", 2, 100}, {"b", "processes", 4, 900, "failed"}}), "a");
  // Throttled: only when more than 10 % faster.
  EXPECT_EQ(RecommendedOf({{"a"}, {"b", "processes", 4, 109, "throttled"}}), "a");
  EXPECT_EQ(RecommendedOf({{"a"}, {"b", "processes", 4, 120, "throttled"}}), "b");
  EXPECT_EQ(RecommendedOf({{"a", "processes", 1, 100, "unstable"}}), "none");
}

TEST(CostedRun, TakesTheChoiceOfASearch) {
  Json report = ReportJson({{"a"}, {"b", "processes", 1, 200}});
  report["search"] = {{"choice", "a"}};
  EXPECT_EQ(ReadCostedRun(report, "").recommended, 0U);
  report["search"]["choice"] = nullptr;
  EXPECT_EQ(ReadCostedRun(report, "").recommended, std::nullopt);
}

TEST(CostedRun, RefusesWhatIsNoReport) {
  EXPECT_THROW(ReadCostedRun(Json{{"schema", "coresweep.gate"}}, "r.json"), UsageError);
  Json report = ReportJson({{"a"}});
  report["cells"][0].erase("workers");
  try {
    ReadCostedRun(report, "r.json");
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), HasSubstr("r.json: damaged: "));
  }
}

}  // namespace
}  // namespace coresweep
