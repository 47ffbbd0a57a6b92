#include "reports/stored_reports.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reports/text.h"

namespace coresweep {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

HistoryEntry SomeEntry() {
  HistoryEntry entry;
  entry.id = 12;
  entry.created = "2026-01-31T12:00:00.000Z";
  entry.workload = "torch encoder\x1b[2J";
  entry.fingerprint = "52c0";
  entry.finished = false;
  entry.cells = {{"processes/w1", "ok", {{"throughput", 100.0}, {"latency_p50", 1500.0}}},
                 {"processes/w2", "incorrect", {{"throughput", 900.0}}},
                 {"processes/w3", "ok", {{"throughput", std::nullopt}}}};
  return entry;
}

TEST(StoredReports, AnEntryIsARowWithItsFastestGoodCell) {
  const std::string page = RenderEntries({SomeEntry()}, 120);
  EXPECT_THAT(page, HasSubstr("torch encoder [2J  12  2026-01-31 12:00  52c0"));
  EXPECT_THAT(page, HasSubstr("100  not finished"));
  EXPECT_THAT(page, Not(HasSubstr("900")));
  EXPECT_THAT(page, Not(HasSubstr("\x1b")));
}

TEST(StoredReports, JsonHasUnitsInItsKeysAndNullForWhatIsMissing) {
  const auto cells = EntryJson(SomeEntry())["cells"];
  EXPECT_EQ(cells[0]["throughput_items_per_s"], 100.0);
  EXPECT_EQ(cells[0]["latency_p50_us"], 1500.0);
  EXPECT_TRUE(cells[2]["throughput_items_per_s"].is_null());
  EXPECT_EQ(EntriesJson({SomeEntry()})["entries"][0]["cells"], 3);
}

TEST(StoredReports, ATrendSaysWhatChangedWhenAndWithWhichBuild) {
  Trend trend;
  trend.series.cell = "processes/w1";
  trend.series.metric = "throughput";
  trend.series.points = {{1, "2026-01-01T00:00:00.000Z", "a", "ok", 100},
                         {2, "2026-01-02T00:00:00.000Z", "b", "ok", 80}};
  trend.levels = {{0, 0, 100, std::nullopt, std::nullopt, false}, {1, 1, 80, 0.8, 0.004, true}};
  const std::string page = RenderTrends({trend}, {"throughput", {}}, 120);
  EXPECT_THAT(page, HasSubstr("throughput (items/s) of processes/w1: 2 runs"));
  EXPECT_THAT(page, ::testing::ContainsRegex(
                        "2–2 +2026-01-02 00:00 +2 +80.0 +20.0 % lower, worse +0.004 +another"));
  const auto json = TrendsJson({trend}, {"throughput", {}});
  EXPECT_EQ(json["series"][0]["levels"][1]["ratio_to_level_before"], 0.8);
  EXPECT_EQ(json["method"]["permutations"], 999);
}

}  // namespace
}  // namespace coresweep
