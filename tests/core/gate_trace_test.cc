#include "harness/core/gate_trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/core/gate_sentence.h"
#include "harness/core/sign_test.h"
#include "tests/support/gate_blocks.h"

namespace coresweep {
namespace {

using example::BadLaunch;
using example::GoodLaunch;
using example::Planted;
using example::QuickSetup;
using example::RunBlocks;

GateLog LogOf(const example::LaunchMaker& make, size_t most = 1000) {
  GateSession session(QuickSetup());
  return RunBlocks(session, make, most);
}

TEST(GateTrace, HasEveryBlockWithItsRatioAndTheEvidenceSoFar) {
  const GateLog log = LogOf(Planted(80));
  const GateTrace trace = TraceGate(log);
  ASSERT_EQ(trace.blocks.size(), log.records.size());
  EXPECT_EQ(trace.session.Outcome().verdict, GateVerdict::kFail);
  int64_t of_phase = 0;
  for (size_t i = 0; i < trace.blocks.size(); ++i) {
    const GateTraceBlock& block = trace.blocks[i];
    of_phase = block.block.attempt + 1;
    const bool control = block.block.phase == GatePhase::kNullControl;
    EXPECT_EQ(block.block.phase, log.records[i].block.phase);
    EXPECT_TRUE(block.counts);
    EXPECT_EQ(block.why_not, "");
    EXPECT_EQ(block.look, of_phase >= 6 && of_phase % 2 == 0) << i;
    ASSERT_EQ(block.metrics.size(), 1U);
    const GateTraceMetric& metric = block.metrics[0];
    ASSERT_TRUE(metric.worse_ratio);
    EXPECT_NEAR(*metric.worse_ratio, control ? 1.0 : 100.0 / 80, 1e-12);
    EXPECT_EQ(metric.so_far.blocks, of_phase);
    EXPECT_EQ(metric.so_far.e_regressed,
              SignEValue(control ? 0 : of_phase, control ? of_phase : 0));
  }
}

TEST(GateTrace, EndsWhereTheSessionStands) {
  const GateTrace trace = TraceGate(LogOf(Planted(80)));
  for (const GatePhase phase :
       {GatePhase::kMain, GatePhase::kConfirmation, GatePhase::kNullControl}) {
    const GateTraceBlock* last = nullptr;
    for (const GateTraceBlock& block : trace.blocks)
      if (block.block.phase == phase) last = &block;
    ASSERT_NE(last, nullptr);
    const MetricJudgement& end = trace.session.Outcome().Phase(phase)->judgements[0];
    EXPECT_EQ(last->metrics[0].so_far.e_clean, end.e_clean);
    EXPECT_EQ(last->metrics[0].so_far.state, end.state);
    EXPECT_TRUE(last->look);
  }
}

TEST(GateTrace, BlocksThatDoNotCountSayWhyAndHaveNoRatio) {
  GateLog log = LogOf(Planted(100), 0);
  GateSession session(log.setup);
  while (const auto block = session.Next()) {
    log.records.push_back(example::RecordOf(*block, Planted(100)));
    if (block->attempt == 2) log.records.back().invalid = "the clock jumped";
    session.Add(ResultOf(log.records.back(), log.setup));
  }
  const GateTrace trace = TraceGate(log);
  const GateTraceBlock& invalid = trace.blocks.at(2);
  EXPECT_FALSE(invalid.counts);
  EXPECT_FALSE(invalid.look);
  EXPECT_EQ(invalid.why_not, "the clock jumped");
  EXPECT_FALSE(invalid.metrics[0].worse_ratio);
  EXPECT_EQ(invalid.metrics[0].so_far.blocks, 2);
  EXPECT_EQ(trace.blocks.at(3).metrics[0].so_far.blocks, 3);
  EXPECT_EQ(trace.session.Outcome().verdict, GateVerdict::kPass);
}

TEST(GateTrace, ABlockWithAFaultSaysTheVerdictsReason) {
  const GateTrace trace = TraceGate(LogOf([](const GateBlock& block, GateArm arm) {
    return block.attempt == 1 && arm == GateArm::kCandidate
               ? BadLaunch(Outcome::kIncorrect, "an answer differs")
               : GoodLaunch(100);
  }));
  ASSERT_EQ(trace.blocks.size(), 2U);
  EXPECT_FALSE(trace.blocks[1].counts);
  EXPECT_THAT(trace.blocks[1].why_not, testing::HasSubstr("an answer differs"));
}

TEST(GateTrace, UnmeasuredBlocksCountWithoutARatio) {
  const GateTrace trace = TraceGate(LogOf([](const GateBlock& block, GateArm) {
    Launch launch = GoodLaunch(100);
    if (block.attempt == 0) launch.metrics[0] = {std::nullopt, "none"};
    return launch;
  }));
  EXPECT_TRUE(trace.blocks[0].counts);
  EXPECT_FALSE(trace.blocks[0].metrics[0].worse_ratio);
  EXPECT_EQ(trace.blocks[0].metrics[0].so_far.unmeasured, 1);
  EXPECT_TRUE(trace.blocks[1].metrics[0].worse_ratio);
}

TEST(GateTrace, ChangesAreInTheDirectionOfTheMetric) {
  const GateMetric throughput{"throughput", "items/s", true};
  const GateMetric time{"cold_start", "us", false};
  EXPECT_DOUBLE_EQ(RelativeChange(throughput, 1.25), -0.2);
  EXPECT_DOUBLE_EQ(RelativeChange(time, 1.25), 0.25);
  EXPECT_DOUBLE_EQ(RelativeChange(throughput, 0.8), 0.25);
  EXPECT_DOUBLE_EQ(RelativeChange(time, 1), 0);
}

}  // namespace
}  // namespace coresweep
