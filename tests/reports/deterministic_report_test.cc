#include "reports/deterministic_report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "harness/base/atomic_file.h"
#include "reports/report_schema.h"

namespace coresweep {
namespace {

nlohmann::json FullSweep() {
  return nlohmann::json::parse(ReadFile(std::filesystem::path(CORESWEEP_SOURCE_DIR) /
                                        "tests/fixtures/reports/full_sweep.json"));
}

TEST(DeterministicReport, SaysNeitherWhenNorWhereNorByWhichCall) {
  nlohmann::json report = FullSweep();
  report["trials"][0]["started"] = "2026-01-01T00:00:00.000Z";
  report["trials"][0]["took_ms"] = 17.5;
  const nlohmann::json plain = DeterministicReport(report);
  for (const char* key : {"created", "time"})
    EXPECT_TRUE(plain[key].is_null()) << key;
  EXPECT_TRUE(plain["config"]["argv"].is_null());
  EXPECT_TRUE(plain["calls"][0]["argv"].is_null());
  EXPECT_EQ(plain["calls"][0]["total_s"], 0);
  EXPECT_TRUE(plain["trials"][0]["started"].is_null());
  EXPECT_TRUE(plain["trials"][0]["took_ms"].is_null());
  EXPECT_EQ(plain.dump().find("2026-01-01"), std::string::npos);
}

TEST(DeterministicReport, WhatWasMeasuredStays) {
  const nlohmann::json report = FullSweep();
  const nlohmann::json plain = DeterministicReport(report);
  for (const char* key : {"workload", "skipped", "schema_version", "finished", "search"})
    EXPECT_EQ(plain[key], report[key]) << key;
  EXPECT_EQ(plain["cells"][0]["throughput"], report["cells"][0]["throughput"]);
  EXPECT_EQ(plain["trials"][0]["samples"], report["trials"][0]["samples"]);
  EXPECT_EQ(plain["config"]["effective"], report["config"]["effective"]);
}

}  // namespace
}  // namespace coresweep
