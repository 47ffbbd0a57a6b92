#include "reports/history_export.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coresweep::history_export_test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

HistoryEntry RunOf(int64_t day, const std::string& build, double per_s) {
  HistoryEntry entry;
  entry.id = day;
  entry.created = "2026-01-0" + std::to_string(day) + "T12:00:00.000Z";
  entry.version = "0.1." + std::to_string(day);
  entry.identity = {{"machine", "m"}, {"workload", "w"}, {"measuring", "s"}, {"build", build}};
  entry.cells = {{"processes/w1", "ok", {{"throughput", per_s}, {"latency_p50", 1500.5}}},
                 {"processes/w2", "unstable", {{"throughput", 2 * per_s}, {"latency_p50", 750.0}}}};
  return entry;
}

TEST(HistoryExport, OtavaGetsAHeadingAndARowOfNumbersForEachRun) {
  const HistoryTable table =
      RenderOtavaHistory({RunOf(1, "a", 100.25), RunOf(2, "b", 99)}, RunOf(2, "b", 99), "");
  EXPECT_EQ(table.csv,
            "time,program,\"throughput_items_per_s processes/w1\",\"latency_p50_us processes/w1\","
            "\"throughput_items_per_s processes/w2\",\"latency_p50_us processes/w2\"\n"
            "\"2026-01-01T12:00:00.000Z\",\"coresweep 0.1.1\",100.25,1500.5,200.5,750\n"
            "\"2026-01-02T12:00:00.000Z\",\"coresweep 0.1.2\",99,1500.5,198,750\n");
  EXPECT_EQ(table.runs, 2);
  EXPECT_EQ(table.unlike + table.lacking, 0);
}

TEST(HistoryExport, RunsOfAnotherMachineWorkloadOrWayOfMeasuringAreLeftOut) {
  std::vector<HistoryEntry> entries(4, RunOf(1, "a", 100));
  entries[0].identity["machine"] = "other";
  entries[1].identity["workload"] = "other";
  entries[2].identity["measuring"] = "other";
  const HistoryTable table = RenderOtavaHistory(entries, entries[3], "");
  EXPECT_EQ(table.runs, 1);
  EXPECT_EQ(table.unlike, 3);
}

TEST(HistoryExport, NoFieldIsEmpty) {
  HistoryEntry like = RunOf(3, "a", 100);
  like.cells.push_back({"processes/w3", "failed", {{"throughput", 1.0}, {"latency_p50", 1.0}}});
  like.cells.push_back({"processes/w4", "ok", {{"throughput", 400.0}, {"latency_p50", {}}}});
  HistoryEntry without = RunOf(1, "a", 100);  // has no processes/w4
  HistoryEntry wrong = like;
  wrong.cells[0].verdict = "incorrect";
  const HistoryTable table = RenderOtavaHistory({without, wrong, like}, like, "");
  EXPECT_EQ(table.runs, 1);
  EXPECT_EQ(table.lacking, 2);
  EXPECT_THAT(table.empty, ElementsAre("processes/w3"));
  EXPECT_EQ(table.csv.substr(table.csv.find('\n')),
            "\n\"2026-01-03T12:00:00.000Z\",\"coresweep 0.1.3\",100,1500.5,200,750,400\n");
}

TEST(HistoryExport, CellsAreChosenByPartOfTheirId) {
  const HistoryEntry run = RunOf(1, "a", 100);
  const HistoryTable table = RenderOtavaHistory({run}, run, "w2");
  EXPECT_EQ(table.csv.substr(0, table.csv.find('\n')),
            "time,program,\"throughput_items_per_s processes/w2\",\"latency_p50_us processes/w2\"");
  EXPECT_EQ(RenderOtavaHistory({run}, run, "w9").runs, 0);
  EXPECT_THAT(RenderOtavaHistory({run}, run, "w9").empty, IsEmpty());
}

}  // namespace
}  // namespace coresweep::history_export_test
