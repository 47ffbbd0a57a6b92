#include "harness/core/stored_run.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "harness/base/error.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;

Json Trial(const std::string& cell, double throughput, double ready_ms, int64_t rss) {
  return {{"cell", cell},
          {"throughput", throughput},
          {"workers",
           {{{"max_rss_bytes", rss}, {"startup_ms", {{"ready", ready_ms}}}},
            {{"max_rss_bytes", 10}, {"startup_ms", {{"ready", 1.0}}}}}}};
}

Json CellJson(const std::string& id, const std::string& mode) {
  return {{"id", id},
          {"mode", mode},
          {"verdict", "ok"},
          {"reason", nullptr},
          {"latency", {{"p50", 12.5}, {"p99", nullptr}, {"why_null", "p99 needs 1,000"}}}};
}

Json Report() {
  return {
      {"schema", "coresweep.report"},
      {"schema_version", {{"major", 2}, {"minor", 2}}},
      {"created", "2026-01-31T12:00:00.000Z"},
      {"finished", true},
      {"tool", {{"version", "1.0"}, {"compiler", "c"}, {"build_type", "t"}, {"architecture", "a"}}},
      {"host", {{"fingerprint", "f00"}}},
      {"workload", {{"name", "mlp"}, {"digest", "d1"}, {"items", 64}}},
      {"config", {{"effective", {{"window_s", 0.5}, {"options", {{"seed", 3}}}}}}},
      {"cells", {CellJson("serial/w1", "serial"), CellJson("processes/w2", "processes")}},
      {"trials",
       {Trial("processes/w2", 100, 5, 1000), Trial("serial/w1", 1, 1, 1),
        Trial("processes/w2", 300, 7, 3000), Trial("processes/w2", 200, 6, 2000)}}};
}

std::string WhyRefused(const Json& report) {
  try {
    ReadStoredRun(report, "old.json");
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(ReadStoredRun, TakesTheMedianOverTheRepetitionsOfEachCellButControls) {
  const StoredRun run = ReadStoredRun(Report(), "old.json");
  ASSERT_EQ(run.cells.size(), 1u);
  const StoredCell& cell = run.cells[0];
  EXPECT_EQ(cell.id, "processes/w2");
  EXPECT_EQ(cell.metrics.at("throughput").value, 200.0);
  EXPECT_EQ(cell.metrics.at("peak_memory").value, 2010.0);
  EXPECT_EQ(cell.metrics.at("cold_start").value, 6000.0);
  EXPECT_EQ(cell.metrics.at("latency_p50").value, 12.5);
  EXPECT_EQ(cell.metrics.at("latency_p99"), (MetricValue{std::nullopt, "p99 needs 1,000"}));
  EXPECT_EQ(cell.metrics.size(), StoredMetrics().size());
  EXPECT_TRUE(run.finished);
}

TEST(ReadStoredRun, LaunchesOfOtherRolesAreNoRepetitions) {
  Json report = Report();
  report["trials"].push_back(Trial("processes/w2", 9000, 9, 9));
  report["trials"].back()["role"] = "probe";
  EXPECT_EQ(ReadStoredRun(report, "x").cells[0].metrics.at("throughput").value, 200.0);
  report["trials"].back()["role"] = "cell";
  EXPECT_EQ(ReadStoredRun(report, "x").cells[0].metrics.at("throughput").value, 250.0);
}

TEST(ReadStoredRun, ACellWithoutAValueSaysSo) {
  Json report = Report();
  report["trials"] = Json::array();
  const StoredRun run = ReadStoredRun(report, "x");
  EXPECT_EQ(run.cells[0].metrics.at("throughput"),
            (MetricValue{std::nullopt, "no repetition gave a value"}));
}

TEST(ReadStoredRun, IdentityChangesWithWhatMustBeEqual) {
  const auto identity = ReadStoredRun(Report(), "x").identity;
  EXPECT_EQ(identity.at("machine"), "fingerprint f00");
  EXPECT_EQ(identity.at("workload"), R"(name=mlp, digest=d1, items=64, options={"seed":3})");
  const auto changed = [&](const char* pointer, const Json& value) {
    Json report = Report();
    report[Json::json_pointer(pointer)] = value;
    const auto other = ReadStoredRun(report, "x").identity;
    std::vector<std::string> names;
    for (const auto& [name, text] : other) {
      if (identity.at(name) != text) names.push_back(name);
    }
    return names;
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(changed("/host/fingerprint", "f01"), Names{"machine"});
  EXPECT_EQ(changed("/workload/digest", "d2"), Names{"workload"});
  EXPECT_EQ(changed("/config/effective/options/seed", 4), Names{"workload"});
  EXPECT_EQ(changed("/tool/version", "1.1"), Names{"build"});
  EXPECT_EQ(changed("/config/effective/window_s", 1.0), Names{"measuring"});
  EXPECT_EQ(changed("/config/effective/worker_start", "zygote"), Names{"measuring"});
  EXPECT_EQ(changed("/config/effective/worker_start", "spawn"), Names{}) << "as all once were";
  EXPECT_EQ(changed("/created", "later"), Names{});
}

TEST(ReadStoredRun, DigestsTellCopiesFromRuns) {
  Json later = Report();
  later["created"] = "2026-02-01T12:00:00.000Z";
  EXPECT_EQ(ReadStoredRun(Report(), "a").digest, ReadStoredRun(Report(), "b").digest);
  EXPECT_NE(ReadStoredRun(Report(), "a").digest, ReadStoredRun(later, "b").digest);
}

TEST(ReadStoredRun, RefusesWhatIsNoReportNamingTheFile) {
  EXPECT_EQ(WhyRefused(Json::array()), "old.json: not a report of `coresweep run`");
  EXPECT_EQ(WhyRefused({{"schema", "coresweep.gate"}}),
            "old.json: not a report of `coresweep run`");
  Json newer = Report();
  newer["schema_version"]["major"] = 3;
  EXPECT_EQ(WhyRefused(newer), "old.json: schema version 3, this program reads 2");
  for (const char* key : {"created", "finished", "tool", "host", "workload", "config", "cells",
                          "trials", "schema_version"}) {
    Json broken = Report();
    broken.erase(key);
    EXPECT_TRUE(WhyRefused(broken).starts_with("old.json: damaged: ")) << key;
    EXPECT_NE(WhyRefused(broken).find(key), std::string::npos) << key;
  }
  Json wrong = Report();
  wrong["trials"][0]["throughput"] = "fast";
  EXPECT_TRUE(WhyRefused(wrong).starts_with("old.json: damaged: "));
}

}  // namespace
}  // namespace coresweep
