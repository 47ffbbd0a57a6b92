#include "reports/transport_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/reports/transport_report_test.h"

namespace coresweep {
namespace {

using Json = nlohmann::ordered_json;

TEST(TransportJson, NamesItsSchema) {
  const Json json = ToJson(SurveyForTest());
  EXPECT_EQ(json.at("schema"), "coresweep.transports");
  EXPECT_EQ(json.at("version"), 1);
  EXPECT_EQ(json.at("finished"), true);
  EXPECT_EQ(json.at("combinations").size(), 4U);
  EXPECT_EQ(json.at("places")[0].at("worker_cpus"), "1");
}

TEST(TransportJson, HasEveryFigureOfARow) {
  const Json row = ToJson(SurveyForTest()).at("combinations")[0];
  EXPECT_EQ(row.at("transport"), "pipe");
  EXPECT_EQ(row.at("payload_bytes"), 65536);
  EXPECT_EQ(row.at("wait"), "spin");
  EXPECT_EQ(row.at("place"), "neighbour");
  EXPECT_EQ(row.at("round_trip").at("p50_ns"), 30'000);
  EXPECT_EQ(row.at("round_trip").at("dispatcher").at("involuntary_switches_per_chunk"), 0.5);
  EXPECT_EQ(row.at("round_trip").at("worker").at("cpu_ns_per_chunk"), 2000);
  EXPECT_EQ(row.at("one_way").at("chunks_per_s"), 10'000);
  EXPECT_EQ(row.at("limit").at("round_trip").at("of"), "raw pipe, spinning");
  EXPECT_EQ(row.at("limit").at("one_way").at("chunks_per_s"), 20'000);
  EXPECT_EQ(row.at("round_trip_times_limit").at("median"), 2);
  EXPECT_EQ(row.at("one_way_share_of_limit").at("low"), 0.4);
  EXPECT_EQ(row.at("limit").at("one_way").at("crossing_bytes_per_s"), 2.6e9);
  EXPECT_EQ(row.at("one_way_share_of_crossing").at("median"), 0.25);
}

TEST(TransportJson, WhatWasNotMeasuredIsNull) {
  const Json rows = ToJson(SurveyForTest()).at("combinations");
  EXPECT_TRUE(rows[0].at("spin_ns").is_null()) << "for ever";
  EXPECT_TRUE(rows[1].at("round_trip").at("p50_ns").is_null());
  EXPECT_TRUE(rows[1].at("one_way").at("bytes_per_s").is_null());
  EXPECT_TRUE(rows[1].at("limit").is_null());
  EXPECT_EQ(rows[1].at("no_limit"), "no futex today");
  EXPECT_EQ(rows[2].at("skipped"), "mq_open: Function not implemented (ENOSYS)");
  EXPECT_TRUE(rows[2].at("round_trip").is_null());
  EXPECT_TRUE(rows[2].at("failed").is_null());
  EXPECT_EQ(rows[3].at("failed"), "the echo worker exited with code 3");
}

}  // namespace
}  // namespace coresweep
