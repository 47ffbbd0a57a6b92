// A report's chunks as a trace.
#include "reports/trace_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "harness/base/error.h"

namespace coresweep::trace_report_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Json = nlohmann::json;

/// A trial with two workers that kept three chunks; chunks 0 and 1 overlap, 1 waits for 0.
Json TracedTrial(const std::string& cell, double throughput) {
  return {{"cell", cell},
          {"repetition", 2},
          {"outcome", "ok"},
          {"throughput", throughput},
          {"window_begin_ms", 0.5},
          {"window_end_ms", 1.5},
          {"throttle", nullptr},
          {"system", nullptr},
          {"warnings", Json::array()},
          {"dispatcher", Json::object()},
          {"workers",
           {{{"index", 0}, {"cpus_effective", "0"}}, {{"index", 1}, {"cpus_effective", ""}}}},
          {"samples",
           {{"stride", 1},
            {"sequence", {0, 1, 2}},
            {"worker", {0, 1, 0}},
            {"items", {8, 8, 4}},
            {"issued_us", {1, 2, 3}},
            {"started_us", {10, 12, 60}},
            {"computed_us", {50, 40, 90.5}},
            {"merged_us", {55, 55, 95}},
            {"due_us", nullptr}}}};
}

Json TracedReport() {
  return {{"created", nullptr},
          {"cells", {{{"id", "b"}}, {{"id", "a"}}}},
          {"trials", {TracedTrial("a", 100), TracedTrial("b", 100)}}};
}

Json EventsOf(const Json& report, const std::string& cell = "") {
  return Json::parse(RenderTrace(report, cell, "r.json")).at("traceEvents");
}

std::string RefusalOf(const Json& report, const std::string& cell) {
  try {
    EventsOf(report, cell);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "not refused";
}

Json Named(const Json& events, const std::string& phase, const std::string& name) {
  Json found = Json::array();
  for (const Json& event : events)
    if (event["ph"] == phase && event["name"] == name) found.push_back(event);
  return found;
}

std::vector<std::string> NamesOf(const Json& events, const std::string& what) {
  std::vector<std::string> names;
  for (const Json& event : Named(events, "M", what))
    names.push_back(event["args"]["name"]);
  return names;
}

TEST(TraceReport, HasAProcessACellAndATrackAWorker) {
  const Json events = EventsOf(TracedReport());
  EXPECT_THAT(NamesOf(events, "process_name"), ElementsAre("b (repetition 2)", "a (repetition 2)"));
  EXPECT_THAT(NamesOf(EventsOf(TracedReport(), "a"), "thread_name"),
              ElementsAre("trial", "dispatcher", "worker 0 on CPU 0", "worker 1"));
}

TEST(TraceReport, ShowsWhatAWorkerComputesOnItsTrack) {
  const Json compute = Named(EventsOf(TracedReport(), "a"), "X", "compute");
  ASSERT_EQ(compute.size(), 3U);
  EXPECT_EQ(compute[1]["ts"], 12);
  EXPECT_EQ(compute[1]["dur"], 28);
  EXPECT_EQ(compute[1]["args"]["chunk"], 1);
  EXPECT_EQ(compute[0]["tid"], compute[2]["tid"]);
  EXPECT_NE(compute[0]["tid"], compute[1]["tid"]);
}

TEST(TraceReport, ShowsTheWayThereAndBackOfEachChunk) {
  const Json events = EventsOf(TracedReport(), "a");
  const Json begins = Named(events, "b", "merge");
  const Json ends = Named(events, "e", "merge");
  ASSERT_EQ(begins.size(), 3U);
  ASSERT_EQ(ends.size(), 3U);
  EXPECT_EQ(begins[1]["ts"], 40);
  EXPECT_EQ(ends[1]["ts"], 55);
  EXPECT_EQ(begins[1]["id2"], ends[1]["id2"]);
  EXPECT_EQ(Named(events, "b", "transport")[2]["ts"], 3);
  EXPECT_EQ(Named(events, "e", "transport")[2]["ts"], 60);
  EXPECT_TRUE(Named(events, "b", "queue").empty()) << "closed load has no due times";
}

TEST(TraceReport, ArrowsGoFromIssueThroughComputeToMerge) {
  const Json events = EventsOf(TracedReport());
  const Json from = Named(events, "s", "chunk");
  const Json through = Named(events, "t", "chunk");
  const Json to = Named(events, "f", "chunk");
  ASSERT_EQ(from.size(), 6U);
  std::set<int64_t> ids;
  for (size_t i = 0; i < from.size(); ++i) {
    EXPECT_EQ(from[i]["id"], through[i]["id"]);
    EXPECT_EQ(from[i]["id"], to[i]["id"]);
    ids.insert(from[i]["id"].get<int64_t>());
  }
  EXPECT_EQ(ids.size(), 6U) << "ids are of the whole trace";
  EXPECT_EQ(through[0]["tid"], Named(events, "X", "compute")[0]["tid"]);
  EXPECT_EQ(to[0]["tid"], Named(events, "X", "merge")[0]["tid"]);
}

TEST(TraceReport, CountsWhatWaits) {
  const Json waiting = Named(EventsOf(TracedReport(), "a"), "C", "issued, not started");
  std::vector<std::pair<double, int>> steps;
  for (const Json& event : waiting)
    steps.emplace_back(event["ts"].get<double>(), event["args"]["chunks"].get<int>());
  EXPECT_THAT(steps, ElementsAre(std::pair(1.0, 1), std::pair(2.0, 2), std::pair(3.0, 3),
                                 std::pair(10.0, 2), std::pair(12.0, 1), std::pair(60.0, 0)));
}

TEST(TraceReport, SaysWhenNotEveryChunkWasKept) {
  Json report = TracedReport();
  report["trials"][0]["samples"]["stride"] = 16;
  const Json events = EventsOf(report, "a");
  EXPECT_THAT(NamesOf(events, "process_name"),
              ElementsAre("a (repetition 2, 1 chunk in 16 was kept)"));
  const Json counter = Named(events, "C", "issued, not started (estimate from 1 in 16)");
  ASSERT_FALSE(counter.empty());
  EXPECT_EQ(counter[0]["args"]["chunks"], 16);
}

TEST(TraceReport, TakesTheTrialOfTheMedianThroughput) {
  Json report = TracedReport();
  report["trials"] = {TracedTrial("a", 300), TracedTrial("a", 100), TracedTrial("a", 200),
                      TracedTrial("a", 900), TracedTrial("a", 1)};
  report["trials"][3]["role"] = "reference";
  report["trials"][4]["throughput"] = nullptr;
  EXPECT_EQ(Named(EventsOf(report), "X", "measured window")[0]["args"]["throughput_items_per_s"],
            200);
  report["trials"] = Json::array({TracedTrial("a", 300)});
  report["trials"][0]["throughput"] = nullptr;
  EXPECT_EQ(Named(EventsOf(report), "X", "compute").size(), 3U)
      << "a failed one, for want of others";
}

TEST(TraceReport, OpenLoadHasAQueueFromTheDueTime) {
  Json report = TracedReport();
  report["trials"][0]["samples"]["due_us"] = {0.5, 1.5, 2.5};
  const Json queue = Named(EventsOf(report, "a"), "b", "queue");
  ASSERT_EQ(queue.size(), 3U);
  EXPECT_EQ(queue[0]["ts"], 0.5);
}

TEST(TraceReport, WithoutADispatcherThereIsOnlyComputing) {
  Json report = TracedReport();
  report["trials"][0]["dispatcher"] = nullptr;
  const Json events = EventsOf(report, "a");
  EXPECT_EQ(Named(events, "X", "compute").size(), 3U);
  EXPECT_TRUE(Named(events, "s", "chunk").empty());
  EXPECT_TRUE(Named(events, "b", "transport").empty());
}

TEST(TraceReport, RefusesWhatItCannotShow) {
  EXPECT_THAT(RefusalOf(TracedReport(), "c"), HasSubstr("r.json: has no cell c"));
  Json empty = TracedReport();
  empty["trials"] = Json::array();
  EXPECT_THAT(RefusalOf(empty, ""), HasSubstr("r.json: no trial kept the times of a chunk"));
  Json torn = TracedReport();
  torn["trials"][0]["samples"]["merged_us"] = {1, 2};
  EXPECT_THAT(RefusalOf(torn, "a"), HasSubstr("samples/merged_us should have 3 values"));
}

}  // namespace
}  // namespace coresweep::trace_report_test
