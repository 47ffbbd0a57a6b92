#include "harness/core/gate_sentence.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/core/gate_runs.h"

namespace coresweep {
namespace {

GateSetup Throughput() {
  GateSetup setup;
  setup.metrics = {{"throughput", "items/s", true}};
  return setup;
}

std::string SentenceOf(const GateSetup& setup, const BlockSource& source) {
  return GateSentence(setup, RunGate(setup, source));
}

/// Throughput of B is `factor` of A's, a little more or less from block to block.
BlockSource Yielding(double factor) {
  return [factor](const GateBlock& asked) {
    const double wobble = 1 + 0.001 * static_cast<double>(asked.attempt % 5 - 2);
    const bool control = asked.phase == GatePhase::kNullControl;
    return BlockOf(asked, 100, 100 * wobble * (control ? 1 : factor));
  };
}

TEST(GateSentence, FailNamesNumberIntervalMarginBlocksAndProofs) {
  EXPECT_EQ(SentenceOf(Throughput(), Yielding(0.939)),
            "FAIL: throughput of B is 6.1 % lower [5.9, 6.3] than A; tolerated 2 %; 10 blocks, "
            "confirmed in 10 more; null control clean.");
}

TEST(GateSentence, PassSaysWhatIsRuledOut) {
  EXPECT_EQ(SentenceOf(Throughput(), Yielding(1.003)),
            "PASS: throughput of B is 0.30 % higher [0.10, 0.50] than A; a regression of 5 % is "
            "ruled out; 10 blocks.");
}

TEST(GateSentence, OtherArmNamesAndMetrics) {
  GateSetup setup = TimeGate();
  const auto outcome = RunGate(setup, [](const GateBlock& asked) { return SlowerBy(asked, 12.5); });
  EXPECT_EQ(GateSentence(setup, outcome, {"main", "p4t1"}),
            "FAIL: wall_time of p4t1 is 12.5 % higher [12.5, 12.5] than main; tolerated 2 %; 10 "
            "blocks, confirmed in 10 more; null control clean.");
}

TEST(GateSentence, TheWorstOfSeveralMetricsIsShown) {
  GateSetup setup = TimeGate();
  setup.metrics.push_back({"peak_memory", "bytes", false});
  const auto source = [](double slower) {
    return [slower](const GateBlock& asked) {
      BlockResult block = SlowerBy(asked, slower);
      for (GateLaunch& launch : block.launches) {
        const bool same = launch.arm == GateArm::kBase || asked.phase == GatePhase::kNullControl;
        launch.values.push_back(same ? 1 : 1 + 2 * slower / 100);
      }
      return block;
    };
  };
  EXPECT_EQ(SentenceOf(setup, source(1)),
            "PASS: peak_memory of B is 2.0 % higher [2.0, 2.0] than A, the worst of 2 metrics; a "
            "regression of 5 % is ruled out; 10 blocks.");
  EXPECT_EQ(SentenceOf(setup, source(10)),
            "FAIL: peak_memory of B is 20.0 % higher [20.0, 20.0] than A, the worst of 2 that "
            "failed; tolerated 2 %; 10 blocks, confirmed in 10 more; null control clean.");
}

TEST(GateSentence, InconclusiveSaysWhy) {
  GateSession session(TimeGate());
  for (int i = 0; i < 7; ++i)
    session.Add(SlowerBy(*session.Next(), 3));
  session.Stop("the budget of 1 m is used up");
  EXPECT_EQ(GateSentence(session.Setup(), session.Outcome()),
            "INCONCLUSIVE: wall_time of B is 3.0 % higher [?, ?] than A; tolerated 2 %, must catch "
            "5 %; 7 blocks: the budget of 1 m is used up.");
  GateSession empty(TimeGate());
  empty.Stop("interrupted");
  EXPECT_EQ(GateSentence(empty.Setup(), empty.Outcome()),
            "INCONCLUSIVE: no block was measured: interrupted.");
}

TEST(GateSentence, AMetricWithoutValuesIsNamed) {
  GateSession session(TimeGate());
  BlockResult block = BlockOf(*session.Next(), 1, 1);
  for (GateLaunch& launch : block.launches)
    launch.values[0] = std::nullopt;
  session.Add(block);
  session.Stop("interrupted");
  EXPECT_EQ(GateSentence(session.Setup(), session.Outcome()),
            "INCONCLUSIVE: wall_time of B was not measured; tolerated 2 %, must catch 5 %; 1 "
            "block: interrupted.");
}

TEST(GateSentence, AContaminatedControlShowsItsNumber) {
  const auto contaminated = [](const GateBlock& asked) { return BlockOf(asked, 1, 1.08); };
  EXPECT_EQ(SentenceOf(TimeGate(), contaminated),
            "UNFIT: contaminated: A against a copy of itself fails too, on wall_time: 8.0 % higher "
            "[8.0, 8.0]; 10 blocks.");
}

TEST(GateSentence, FaultsAreOneLine) {
  const auto crash = [](const GateBlock& asked) {
    BlockResult block = BlockOf(asked, 1, 1);
    block.launches.resize(1);
    block.launches[0].workload_fault = "killed by signal 11\nno core";
    return block;
  };
  EXPECT_EQ(SentenceOf(TimeGate(), crash),
            "WORKLOAD: main batch, block 1, launch 1 (B): killed by signal 11 no core.");
}

MetricJudgement Ratio(double ratio) {
  MetricJudgement judgement;
  judgement.ratio = ratio;
  return judgement;
}

TEST(DescribeChange, DecimalsAndDirections) {
  const GateMetric time{"t", "s", false};
  const GateMetric rate{"r", "1/s", true};
  EXPECT_EQ(DescribeChange(time, Ratio(1.00456)), "0.46 % higher [?, ?]");
  EXPECT_EQ(DescribeChange(time, Ratio(0.9)), "10.0 % lower [?, ?]");
  EXPECT_EQ(DescribeChange(time, Ratio(3.5)), "250 % higher [?, ?]");
  EXPECT_EQ(DescribeChange(rate, Ratio(2)), "50.0 % lower [?, ?]");
  EXPECT_EQ(DescribeChange(rate, Ratio(0.5)), "100 % higher [?, ?]");
  EXPECT_EQ(DescribeChange(time, Ratio(1)), "0.00 % higher [?, ?]");
  EXPECT_EQ(DescribeChange(time, MetricJudgement{}), "not measured");
}

/// The ends are turned with the number, so that they enclose it and go from small to great.
TEST(DescribeChange, TheIntervalFollowsTheDirection) {
  MetricJudgement better = Ratio(0.9);
  better.low = 0.8;
  better.high = 1.03;
  EXPECT_EQ(DescribeChange({"t", "s", false}, better), "10.0 % lower [-3.0, 20.0]");
  better.high = std::nullopt;
  EXPECT_EQ(DescribeChange({"t", "s", false}, better), "10.0 % lower [?, 20.0]");
}

}  // namespace
}  // namespace coresweep
