#include "harness/core/burn_in.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "harness/base/error.h"
#include "tests/support/gate_blocks.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;
using testing::StartsWith;

constexpr int64_t kMs = 1'000'000;

std::vector<SentinelTime> WallsMs(const std::vector<int64_t>& walls_ms) {
  std::vector<SentinelTime> times;
  for (const int64_t wall : walls_ms)
    times.push_back({wall * kMs, 20 * kMs});
  return times;
}

BurnIn BurnInOf(const std::vector<int64_t>& walls_ms) {
  BurnIn burn_in;
  burn_in.asked_s = 1;
  burn_in.steps = 12345;
  burn_in.times = WallsMs(walls_ms);
  return burn_in;
}

TEST(SentinelFigures, AreRobust) {
  const auto figures = FiguresOf(WallsMs({20, 21, 22, 23, 64}));
  ASSERT_TRUE(figures);
  EXPECT_DOUBLE_EQ(figures->median_ms, 22);
  EXPECT_DOUBLE_EQ(figures->spread, 1.4826 * 1 / 22);  // of 2, 1, 0, 1, 42
  EXPECT_DOUBLE_EQ(figures->worst, 64.0 / 22);
  EXPECT_DOUBLE_EQ(figures->waited, 1 - 100.0 / 150);
  EXPECT_FALSE(FiguresOf({}));
}

TEST(SentinelDrift, ComparesTheHalvesAndNeedsEvidence) {
  // Eight pairs, each 10 % slower later: p = 2 / 2^8 = 0.8 %.
  std::vector<int64_t> walls(8, 20);
  walls.insert(walls.end(), 8, 22);
  auto drift = DriftOf(WallsMs(walls));
  ASSERT_TRUE(drift);
  EXPECT_DOUBLE_EQ(drift->ratio, 1.1);
  EXPECT_TRUE(drift->beyond_chance);
  // Seven pairs: p = 1.6 %. Of an odd number the middle one is left out.
  drift = DriftOf(WallsMs({20, 20, 20, 20, 20, 20, 20, 99, 22, 22, 22, 22, 22, 22, 22}));
  EXPECT_DOUBLE_EQ(drift->ratio, 1.1);
  EXPECT_FALSE(drift->beyond_chance);
  EXPECT_FALSE(DriftOf(WallsMs({20, 20, 20})));
}

TEST(WhyUnfit, AnEvenMachineIsFit) {
  const GateSetup setup = example::QuickSetup();
  EXPECT_EQ(WhyUnfit(BurnInOf({20, 20, 21, 20, 22}), setup), "");
  // Throttled by a quota of half a CPU; a compile job that takes every second time slice; a tenth
  // stolen: all of them are fit.
  EXPECT_EQ(WhyUnfit(BurnInOf({20, 20, 70, 20, 20, 70, 20}), setup), "");
  EXPECT_EQ(WhyUnfit(BurnInOf({38, 42, 55, 40, 31, 24, 44, 120}), setup), "");
  EXPECT_EQ(WhyUnfit(BurnInOf({20, 24, 22, 20, 23, 22, 31}), setup), "");
}

TEST(WhyUnfit, SaysWhichBoundAndWhatToDo) {
  const GateSetup setup = example::QuickSetup();
  constexpr const char* kRemedy =
      ": close other programs, pick a quieter runner, or give --burn-in off";
  // Median 60, deviations 40, 40, 0, 40, 140: 1.4826 · 40 / 60.
  EXPECT_EQ(WhyUnfit(BurnInOf({20, 20, 60, 100, 200}), setup),
            std::string("before the first block, fixed work of 60 ms on one core varies by 99 % of "
                        "its median, robustly (bound 75 %)") +
                kRemedy);
  EXPECT_EQ(
      WhyUnfit(BurnInOf({20, 20, 20, 20, 1020}), setup),
      std::string("before the first block, fixed work of 20 ms on one core once took 51 times "
                  "its median (bound 50)") +
          kRemedy);
  EXPECT_EQ(WhyUnfit(BurnInOf({20, 20, 20, 20, 1000}), setup), "");
  EXPECT_EQ(WhyUnfit(BurnInOf({410, 410, 410, 410, 410}), setup),
            std::string("before the first block, fixed work of 410 ms on one core had no CPU for "
                        "95.1 % of its time (bound 95 %)") +
                kRemedy);
  EXPECT_EQ(WhyUnfit(BurnInOf({400, 400, 400, 400, 400}), setup), "");
}

TEST(WhyUnfit, AsksNothingOfGatesOfMemoryAlone) {
  GateSetup setup = example::QuickSetup();
  setup.metrics = {{"peak_memory", "bytes", false}};
  EXPECT_EQ(WhyUnfit(BurnInOf({20, 20, 60, 100, 200}), setup), "");
  setup.metrics.push_back({"throughput", "items/s", true});
  EXPECT_NE(WhyUnfit(BurnInOf({20, 20, 60, 100, 200}), setup), "");
}

TEST(BurnInBounds, GrowWithTheMarginAndNeverShrink) {
  GateRule rule;
  EXPECT_DOUBLE_EQ(BurnInBoundsFor(rule).spread, 0.75);
  rule.must_catch = 0.2;
  EXPECT_DOUBLE_EQ(BurnInBoundsFor(rule).spread, 3);
  rule.must_catch = 0.001;
  EXPECT_DOUBLE_EQ(BurnInBoundsFor(rule).spread, 0.75);
}

TEST(BurnIn, JsonGivesTheSameAgain) {
  BurnIn burn_in = BurnInOf({20, 33});
  burn_in.bounds.spread = 1.0 / 3;
  burn_in.system.interval_ns = 5;
  EXPECT_EQ(BurnInFromJson(Json::parse(ToJson(burn_in).dump())), burn_in);
}

TEST(BurnIn, JsonThatIsDamagedIsNamed) {
  const auto refusal = [](const char* field, const Json& value) -> std::string {
    Json json = ToJson(BurnInOf({20, 33}));
    json[field] = value;
    try {
      (void)BurnInFromJson(json);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  for (const char* field : {"asked_s", "sentinel_steps", "wall_ns", "cpu_ns", "system"})
    EXPECT_THAT(refusal(field, "x"), HasSubstr(field));
  EXPECT_THAT(refusal("bounds", Json::object()), HasSubstr("spread"));
  EXPECT_THAT(refusal("wall_ns", Json::array()), HasSubstr("wall_ns"));
  EXPECT_THAT(refusal("wall_ns", Json{1}), HasSubstr("one length"));
  EXPECT_THAT(refusal("wall_ns", (Json{1, 0})), HasSubstr("wall_ns 1 is not above 0"));
}

TEST(Replay, AStoredBurnInThatIsUnfitRefusesAgain) {
  GateLog log{example::QuickSetup(), {}, ""};
  log.burn_in = BurnInOf({20, 20, 20, 20, 1020});
  const GateSession session = Replay(log);
  EXPECT_EQ(session.Outcome().verdict, GateVerdict::kUnfit);
  EXPECT_THAT(session.Outcome().reason, StartsWith("before the first block"));
  EXPECT_FALSE(session.Next());
  // The bounds are those of the report, not this program's.
  log.burn_in->bounds.worst = 60;
  EXPECT_FALSE(Replay(log).Over());
}

TEST(Replay, ABurnInNeverHidesThatTheArmsAreTheSame) {
  GateLog log{example::QuickSetup(), {}, ""};
  log.setup.identical_arms = true;
  log.burn_in = BurnInOf({20, 20, 20, 20, 1020});
  EXPECT_EQ(Replay(log).Outcome().verdict, GateVerdict::kUsage);
}

}  // namespace
}  // namespace coresweep
