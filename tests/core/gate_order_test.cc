#include "harness/core/gate_order.h"

#include <gtest/gtest.h>

#include "tests/support/gate_blocks.h"

namespace coresweep {
namespace {

using example::GoodLaunch;
using example::QuickSetup;

/// Blocks of A = 100 and B = 50 items/s, whose last two launches give `later` times as much.
GateLog LogWith(const std::vector<double>& later) {
  GateLog log{QuickSetup(), {}, ""};
  for (size_t i = 0; i < later.size(); ++i) {
    const auto attempt = static_cast<int64_t>(i);
    GateRecord record{
        {GatePhase::kMain, attempt, OrderOf(7, GatePhase::kMain, attempt)}, 0, {}, ""};
    for (size_t slot = 0; slot < 4; ++slot) {
      const bool base = ArmsOf(record.block.order).at(slot) == GateArm::kBase;
      record.launches.push_back(GoodLaunch((base ? 100 : 50) * (slot < 2 ? 1 : later[i])));
    }
    log.records.push_back(record);
  }
  return log;
}

TEST(OrderEffect, OfEightBlocksAllOneWayIsBeyondChance) {
  const auto effect = OrderEffectOf(LogWith(std::vector<double>(8, 0.8)), 0);
  ASSERT_TRUE(effect);
  EXPECT_EQ(effect->blocks, 8);
  EXPECT_EQ(effect->second_worse, 8);
  EXPECT_EQ(effect->first_worse, 0);
  EXPECT_NEAR(effect->ratio, 1.25, 1e-12) << "the arms cancel, a lower throughput is worse";
  EXPECT_TRUE(effect->beyond_chance);
}

TEST(OrderEffect, NeedsEvidence) {
  EXPECT_FALSE(OrderEffectOf(LogWith(std::vector<double>(7, 0.8)), 0)->beyond_chance);
  EXPECT_FALSE(OrderEffectOf(LogWith({0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 1.2}), 0)->beyond_chance);
  const auto none = OrderEffectOf(LogWith(std::vector<double>(20, 1)), 0);
  EXPECT_EQ(none->second_worse + none->first_worse, 0) << "ties";
  EXPECT_FALSE(none->beyond_chance);
}

TEST(OrderEffect, SharesItsRiskAmongTheMetrics) {
  GateLog log = LogWith(std::vector<double>(8, 0.8));  // p = 0.8 %
  log.setup.metrics.push_back({"cold_start", "us", false});
  EXPECT_FALSE(OrderEffectOf(log, 0)->beyond_chance);
  EXPECT_FALSE(OrderEffectOf(log, 1)) << "never measured";
}

TEST(OrderEffect, LeavesOutWhatDoesNotCount) {
  GateLog log = LogWith({0.8, 0.8, 0.8});
  log.records[0].invalid = "moved";
  log.records[1].launches.pop_back();
  EXPECT_EQ(OrderEffectOf(log, 0)->blocks, 1);
  log.records[2].launches[3].outcome = Outcome::kFailed;
  EXPECT_FALSE(OrderEffectOf(log, 0));
}

}  // namespace
}  // namespace coresweep
