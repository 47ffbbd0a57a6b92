#include "harness/core/config_load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "harness/base/error.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

SweepConfig Parse(Json json, const ConfigOrigins& origins = {}) {
  json["workload"] = "null";
  return ParseConfig(json, origins);
}

std::string MessageOf(const Json& json) {
  ConfigOrigins origins;
  for (const auto& [key, value] : json.items())
    origins[key] = "--" + key;
  try {
    (void)Parse(json, origins);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "no error";
}

TEST(ConfigLoad, IsClosedUnlessAskedForOtherwise) {
  EXPECT_FALSE(Parse(Json::object()).open_load);
  EXPECT_TRUE(Parse(Json::object()).rates.empty());
  const SweepConfig open = Parse({{"load", "open"}, {"rate", 120}});
  EXPECT_TRUE(open.open_load);
  EXPECT_EQ(open.arrivals, Arrivals::kPoisson);
  EXPECT_EQ(open.rates, (std::vector<Rate>{{120, 0}}));
}

TEST(ConfigLoad, RatesAreNumbersSharesOrTheKnee) {
  EXPECT_EQ(Parse({{"load", "open"}, {"rate", {0.5, "80%", "12.5%"}}}).rates,
            (std::vector<Rate>{{0.5, 0}, {0, 0.8}, {0, 0.125}}));
  EXPECT_EQ(Parse({{"load", "open"}, {"rate", "knee"}}).rates, KneeRates());
  EXPECT_EQ(Parse({{"load", "open"}, {"rate", {"knee"}}}).rates, KneeRates());
  for (const Json& wrong : {Json(0), Json(-1), Json(1e8), Json("80"), Json("0%"), Json("2000%"),
                            Json("x%"), Json("%"), Json({"knee", 5}), Json(true), Json::array()}) {
    EXPECT_THAT(MessageOf({{"load", "open"}, {"rate", wrong}}), StartsWith("--rate: expected"))
        << wrong;
  }
}

TEST(ConfigLoad, WhatGoesWithOpenLoadIsRefusedUnderClosedLoad) {
  for (const auto& [key, value] : {std::pair<std::string, Json>("rate", 5),
                                   {"arrivals", "constant"},
                                   {"latency_bound_ms", 10}}) {
    for (Json json : {Json::object(), Json{{"load", "closed"}}, Json{{"scenario", "offline"}}}) {
      json[key] = value;
      EXPECT_THAT(MessageOf(json), AllOf(StartsWith("--" + key + ": "), HasSubstr("--load open")));
    }
  }
}

TEST(ConfigLoad, OpenLoadNeedsARate) {
  EXPECT_THAT(MessageOf({{"load", "open"}}), AllOf(StartsWith("--load: "), HasSubstr("--rate")));
}

TEST(ConfigLoad, UnknownNamesAreRefusedWithTheKnownOnes) {
  EXPECT_THAT(MessageOf({{"load", "ajar"}}), HasSubstr("one of closed, open"));
  EXPECT_THAT(MessageOf({{"arrivals", 3}}), HasSubstr("one of poisson, constant"));
  EXPECT_THAT(MessageOf({{"scenario", "multi-stream"}}),
              HasSubstr("one of single-stream, server, offline"));
  EXPECT_THAT(MessageOf({{"load", "open"}, {"rate", 1}, {"latency_bound_ms", 0}}),
              StartsWith("--latency_bound_ms: expected"));
}

TEST(ConfigLoad, ServerIsOpenLoadUpToTheKneeWithinABound) {
  const SweepConfig config = Parse({{"scenario", "server"}, {"latency_bound_ms", 15}});
  EXPECT_TRUE(config.open_load);
  EXPECT_EQ(config.arrivals, Arrivals::kPoisson);
  EXPECT_EQ(config.rates, KneeRates());
  EXPECT_EQ(config.latency_bound_ms, 15);
  EXPECT_EQ(
      Parse({{"scenario", "server"}, {"latency_bound_ms", 15}, {"rate", 50}}).rates.front().per_s,
      50);
  EXPECT_THAT(MessageOf({{"scenario", "server"}}), HasSubstr("--latency-bound-ms"));
  EXPECT_THAT(MessageOf({{"scenario", "server"}, {"latency_bound_ms", 1}, {"load", "closed"}}),
              AllOf(StartsWith("--load: scenario server"), HasSubstr("open load")));
  EXPECT_THAT(
      MessageOf({{"scenario", "server"}, {"latency_bound_ms", 1}, {"arrivals", "constant"}}),
      StartsWith("--arrivals: scenario server"));
}

TEST(ConfigLoad, SingleStreamIsOneWorkerWithOneRequest) {
  const SweepConfig config = Parse({{"scenario", "single-stream"}});
  EXPECT_FALSE(config.open_load);
  EXPECT_FALSE(config.workers.automatic);
  EXPECT_EQ(config.workers.values, (std::vector<int>{1}));
  EXPECT_EQ(config.credits, (std::vector<int>{1}));
  EXPECT_EQ(MessageOf({{"scenario", "single-stream"}, {"workers", 1}, {"credit", 1}}), "no error");
  for (const auto& [key, value] : {std::pair<std::string, Json>("workers", 2),
                                   {"workers", "auto"},
                                   {"credit", 4},
                                   {"dispatch", "guided"},
                                   {"load", "open"}}) {
    EXPECT_THAT(MessageOf({{"scenario", "single-stream"}, {key, value}, {"name", "x"}}),
                StartsWith("--" + key + ": scenario single-stream"))
        << value;
  }
}

TEST(ConfigLoad, OfflineIsClosedLoad) {
  EXPECT_FALSE(Parse({{"scenario", "offline"}}).open_load);
  EXPECT_THAT(MessageOf({{"scenario", "offline"}, {"load", "open"}, {"rate", 5}}),
              StartsWith("--load: scenario offline has closed load"));
}

TEST(ConfigLoad, IsWrittenAsItIsRead) {
  for (const Json& json :
       {Json{{"load", "open"}, {"rate", {0.5, 300, "95%"}}, {"arrivals", "constant"}},
        Json{{"load", "open"}, {"rate", "knee"}, {"latency_bound_ms", 2.5}},
        Json{{"scenario", "single-stream"}}, Json{{"scenario", "offline"}},
        Json{{"scenario", "server"}, {"latency_bound_ms", 3}}}) {
    const auto written = ToJson(Parse(json));
    EXPECT_EQ(ToJson(ParseConfig(Json::parse(written.dump()), {})), written) << written;
  }
  EXPECT_EQ(ToJson(Parse({{"load", "open"}, {"rate", {0.5, "95%"}}}))["rate"].dump(),
            R"([0.5,"95%"])");
}

}  // namespace
}  // namespace coresweep
