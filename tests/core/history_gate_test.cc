#include "harness/core/history_gate.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "harness/base/error.h"
#include "harness/core/counter_random.h"

namespace coresweep {
namespace {

const GateMetric kThroughput{"throughput", "items/s", true};
const GateMetric kColdStart{"cold_start", "us", false};

HistorySetup Margins(std::vector<GateMetric> metrics = {kThroughput}) {
  HistorySetup setup;
  setup.metrics = std::move(metrics);
  return setup;
}

/// `n` values whose logarithms are +0.01 and -0.01 in turn.
std::vector<double> Alternating(int n) {
  std::vector<double> values;
  for (int i = 0; i < n; ++i)
    values.push_back(std::exp(i % 2 == 0 ? 0.01 : -0.01));
  return values;
}

HistoryComparison Against(std::vector<double> history, double value) {
  return {"processes/w2", 0, std::move(history), value, ""};
}

StoredCell Cell(const std::string& id, double throughput) {
  StoredCell cell{id, "ok", "", {}};
  for (const std::string& name : StoredMetrics())
    cell.metrics[name] = {1.0, ""};
  cell.metrics["throughput"] = {throughput, ""};
  return cell;
}

StoredRun RunOf(const std::string& name, double throughput) {
  StoredRun run;
  run.name = name;
  run.digest = "digest of " + name;
  run.finished = true;
  run.identity = {{"machine", "m"}, {"workload", "w"}, {"build", "b"}, {"measuring", "x"}};
  run.cells = {Cell("processes/w1", throughput), Cell("processes/w2", 2 * throughput)};
  return run;
}

/// `n` stored runs of 1 item/s, a little more or less.
std::vector<StoredRun> Stored(int n) {
  std::vector<StoredRun> runs;
  const auto values = Alternating(n);
  for (int i = 0; i < n; ++i)
    runs.push_back(RunOf("old" + std::to_string(i), values[static_cast<size_t>(i)]));
  return runs;
}

HistoryOutcome Judge(const StoredRun& candidate, const std::vector<StoredRun>& stored,
                     const HistorySetup& setup = Margins()) {
  return JudgeHistory(CompareRuns(candidate, stored, setup));
}

TEST(JudgeComparison, GivesTheRatioAndThePredictionInterval) {
  // s = 0.01 · √(10/9); t(9; 0.995) = 3.249836; √1.1. All of it by hand: 0.0359285.
  const auto judged = JudgeComparison(Against(Alternating(10), std::exp(-0.1)), Margins(), 1);
  EXPECT_NEAR(std::log(*judged.ratio), 0.1, 1e-12);
  EXPECT_NEAR(std::log(*judged.low), 0.1 - 0.0359285, 1e-6);
  EXPECT_NEAR(std::log(*judged.high), 0.1 + 0.0359285, 1e-6);
  EXPECT_EQ(judged.state, MetricState::kRegressed);
  EXPECT_EQ(judged.why_open, "");
}

TEST(ExpectationOf, PutsIntervalAndMarginsIntoTheUnitOfTheMetric) {
  for (const GateMetric& metric : {kThroughput, kColdStart}) {
    const HistorySetup setup = Margins({metric});
    const HistoryComparison comparison = Against(Alternating(10), std::exp(-0.1));
    const auto judged = JudgeComparison(comparison, setup, 1);
    const auto expected = ExpectationOf(comparison, judged, setup);
    ASSERT_TRUE(expected);
    EXPECT_NEAR(std::log(expected->center), 0, 1e-12);  // the mean of the logarithms
    EXPECT_NEAR(std::log(expected->low), -0.0359285, 1e-6);
    EXPECT_NEAR(std::log(expected->high), 0.0359285, 1e-6);
    EXPECT_NEAR(std::log(expected->value_low), -0.1 - 0.0359285, 1e-6);
    EXPECT_NEAR(std::log(expected->value_high), -0.1 + 0.0359285, 1e-6);
    // Worse is less of a throughput and more of a time.
    EXPECT_NEAR(expected->tolerated, metric.higher_is_better ? 1 / 1.02 : 1.02, 1e-12);
    EXPECT_NEAR(expected->must_catch, metric.higher_is_better ? 1 / 1.05 : 1.05, 1e-12);
  }
}

TEST(ExpectationOf, NeedsAValueAndTwoStoredRuns) {
  HistoryComparison comparison = Against({1}, 1);
  const auto of = [&] {
    return ExpectationOf(comparison, JudgeComparison(comparison, Margins(), 1), Margins());
  };
  EXPECT_FALSE(of());
  comparison = Against({1, 1.1}, 1);
  EXPECT_TRUE(of());
  comparison.value.reset();
  EXPECT_FALSE(of());
}

TEST(JudgeComparison, SharesAlphaAmongTheComparisons) {
  // t(9; 0.9995) = 4.780913: 0.0528555 for ten comparisons.
  const auto judged = JudgeComparison(Against(Alternating(10), 1), Margins(), 10);
  EXPECT_NEAR(std::log(*judged.high), 0.0528555, 1e-6);
  EXPECT_EQ(judged.state, MetricState::kOpen);
  EXPECT_EQ(judged.why_open, "runs differ too much from each other to decide");
}

TEST(JudgeComparison, CallsCleanWhatCannotBeTheRegressionToCatch) {
  EXPECT_EQ(JudgeComparison(Against(Alternating(10), 1), Margins(), 1).state, MetricState::kClean);
  // Between the margins the interval reaches from below the one to above the other.
  EXPECT_EQ(JudgeComparison(Against(Alternating(10), std::exp(-0.03)), Margins(), 1).state,
            MetricState::kOpen);
}

TEST(JudgeComparison, KnowsWhichWayIsWorse) {
  HistoryComparison slower = Against(Alternating(10), std::exp(0.1));
  EXPECT_EQ(JudgeComparison(slower, Margins({kColdStart}), 1).state, MetricState::kRegressed);
  EXPECT_EQ(JudgeComparison(slower, Margins({kThroughput}), 1).state, MetricState::kClean);
}

TEST(JudgeComparison, DecidesNothingBelowTenRuns) {
  const auto nine = JudgeComparison(Against(Alternating(9), std::exp(-1)), Margins(), 1);
  EXPECT_EQ(nine.state, MetricState::kOpen);
  EXPECT_EQ(nine.why_open, "9 of 10 stored runs have a value");
  EXPECT_TRUE(nine.low.has_value());
  const auto one = JudgeComparison(Against({1.0}, 1), Margins(), 1);
  EXPECT_EQ(one.ratio, 1.0);
  EXPECT_EQ(one.low, std::nullopt);
  HistoryComparison without = Against(Alternating(10), 1);
  without.value.reset();
  without.why_no_value = "too few chunks";
  const auto nothing = JudgeComparison(without, Margins(), 1);
  EXPECT_EQ(nothing.state, MetricState::kOpen);
  EXPECT_EQ(nothing.ratio, std::nullopt);
  EXPECT_EQ(nothing.why_open, "too few chunks");
}

/// Normally distributed (Box and Muller).
double Normal(const CounterRandom& random, uint64_t index) {
  const double radius = std::sqrt(-2 * std::log(1 - random.Uniform(2 * index)));
  return radius * std::cos(2 * std::numbers::pi * random.Uniform(2 * index + 1));
}

/// How many of `tries` new runs, `shift` worse in log ratio than ten stored ones, are in `state`.
int CountOf(MetricState state, double shift, double sd, int tries) {
  int count = 0;
  for (int i = 0; i < tries; ++i) {
    const CounterRandom random(7, static_cast<uint64_t>(i));
    std::vector<double> history;
    for (uint64_t k = 0; k < 10; ++k)
      history.push_back(std::exp(sd * Normal(random, k)));
    const double value = std::exp(sd * Normal(random, 10) - shift);
    count += JudgeComparison(Against(history, value), Margins(), 1).state == state;
  }
  return count;
}

TEST(JudgeComparison, HoldsItsErrorRatesExactlyAtTheMargins) {
  // One-sided: alpha / 2 = 0.5 % of 20,000; four standard deviations are 40.
  EXPECT_NEAR(CountOf(MetricState::kRegressed, std::log1p(0.02), 0.01, 20000), 100, 40);
  EXPECT_NEAR(CountOf(MetricState::kClean, std::log1p(0.05), 0.01, 20000), 100, 40);
}

TEST(JudgeComparison, CatchesWhatStandsOutOfTheSpread) {
  EXPECT_GT(CountOf(MetricState::kRegressed, std::log1p(0.10), 0.01, 1000), 950);
  EXPECT_GT(CountOf(MetricState::kClean, 0, 0.005, 1000), 950);
}

TEST(JudgeHistory, PassesWhatIsNearlyAsBefore) {
  // Two comparisons share alpha: 0.01 · √(20/19) · t(19; 0.9975) · √1.05 = 0.033366.
  StoredRun candidate = RunOf("new", 1);
  candidate.cells[0] = Cell("processes/w1", 0.985);
  const auto outcome = Judge(candidate, Stored(20));
  EXPECT_EQ(outcome.verdict, GateVerdict::kPass);
  EXPECT_EQ(outcome.sentence,
            "PASS: throughput of processes/w1 is 1.5 % lower [-1.8, 4.7] than in 20 stored runs, "
            "the worst of 2 comparisons; a regression of 5 % is ruled out.");
}

TEST(JudgeHistory, FailsWhereOneCellIsWorse) {
  StoredRun candidate = RunOf("new", 1);
  candidate.cells[1] = Cell("processes/w2", 1.6);
  const auto outcome = Judge(candidate, Stored(12));
  EXPECT_EQ(outcome.verdict, GateVerdict::kFail);
  EXPECT_TRUE(outcome.sentence.starts_with("FAIL: throughput of processes/w2 is 20.0 % lower ["))
      << outcome.sentence;
  EXPECT_TRUE(outcome.sentence.ends_with("] than in 12 stored runs; tolerated 2 %."))
      << outcome.sentence;
}

TEST(JudgeHistory, OnlyAdvisesWithFewRuns) {
  const auto outcome = Judge(RunOf("new", 0.5), Stored(2));
  EXPECT_EQ(outcome.verdict, GateVerdict::kInconclusive);
  EXPECT_TRUE(outcome.advisory);
  EXPECT_TRUE(outcome.sentence.starts_with("INCONCLUSIVE: advice only: throughput of processes/w"))
      << outcome.sentence;
  EXPECT_TRUE(outcome.sentence.ends_with("; a verdict needs 10 comparable runs."))
      << outcome.sentence;
}

TEST(JudgeHistory, APassNeedsEveryMetricOfEveryCell) {
  StoredRun candidate = RunOf("new", 1);
  candidate.cells[0].metrics["latency_p99"] = {std::nullopt, "p99 needs 1,000 samples"};
  GateMetric p99{"latency_p99", "us", false};
  const auto outcome = Judge(candidate, Stored(12), Margins({kThroughput, p99}));
  EXPECT_EQ(outcome.verdict, GateVerdict::kInconclusive);
  EXPECT_NE(outcome.sentence.find("latency_p99 of processes/w1: p99 needs 1,000 samples"),
            std::string::npos)
      << outcome.sentence;
}

TEST(CompareRuns, RefusesOtherMachinesWorkloadsBuildsAndGrids) {
  for (const std::string what : {"machine", "workload", "build", "measuring"}) {
    auto stored = Stored(12);
    stored[7].identity[what] = "other";
    const auto outcome = Judge(RunOf("new", 1), stored);
    EXPECT_EQ(outcome.verdict, GateVerdict::kUnfit);
    EXPECT_TRUE(outcome.sentence.starts_with("UNFIT: new cannot be compared with old7: another " +
                                             what + " ("))
        << outcome.sentence;
    EXPECT_TRUE(outcome.judgements.empty());
  }
  auto stored = Stored(12);
  stored[3].cells.pop_back();
  EXPECT_EQ(Judge(RunOf("new", 1), stored).sentence,
            "UNFIT: new cannot be compared with old3: another grid (processes/w2 is not in it).");
  stored = Stored(12);
  stored[3].cells.push_back(Cell("processes/w4", 1));
  EXPECT_EQ(Judge(RunOf("new", 1), stored).sentence,
            "UNFIT: new cannot be compared with old3: another grid (it has processes/w4, too).");
}

TEST(CompareRuns, WrongAnswersAndFailuresOutrankEverything) {
  StoredRun candidate = RunOf("new", 0.1);
  candidate.cells[1].verdict = "incorrect";
  candidate.cells[1].reason = "1 of 9 answers differs";
  auto stored = Stored(12);
  stored[0].identity["machine"] = "other";
  EXPECT_EQ(Judge(candidate, stored).sentence,
            "INTEGRITY: processes/w2 is incorrect: 1 of 9 answers differs.");
  candidate.cells[0].verdict = "timed_out";
  EXPECT_EQ(Judge(candidate, stored).verdict, GateVerdict::kWorkload);
}

TEST(CompareRuns, SaysOfWhichRunAValueIs) {
  auto stored = Stored(3);
  stored[1].cells[0].metrics["throughput"] = {std::nullopt, "no trial"};
  const HistoryLog log = CompareRuns(RunOf("new", 1), stored, Margins());
  ASSERT_EQ(log.comparisons.size(), 2U);
  EXPECT_EQ(log.comparisons[0].runs, (std::vector<size_t>{0, 2}));
  EXPECT_EQ(log.comparisons[1].runs, (std::vector<size_t>{0, 1, 2}));
}

TEST(CompareRuns, AStoredRunThatIsNotRightIsNoBase) {
  auto stored = Stored(12);
  stored[4].cells[0].verdict = "disordered";
  EXPECT_EQ(Judge(RunOf("new", 1), stored).sentence,
            "UNFIT: old4 is no base: processes/w1 is disordered: no reason given.");
  stored = Stored(12);
  stored[5].finished = false;
  EXPECT_EQ(Judge(RunOf("new", 1), stored).sentence,
            "UNFIT: old5 is no base: it was not finished.");
}

TEST(CompareRuns, ACopyOfARunCountsNoTwice) {
  auto stored = Stored(12);
  stored[4].digest = stored[2].digest;
  EXPECT_THROW(CompareRuns(RunOf("new", 1), stored, Margins()), UsageError);
  stored = Stored(12);
  stored[4].digest = RunOf("new", 1).digest;
  EXPECT_THROW(CompareRuns(RunOf("new", 1), stored, Margins()), UsageError);
}

TEST(CompareRuns, TakesOnlyTheCellsAskedFor) {
  HistorySetup setup = Margins();
  setup.cells = {"/w2"};
  auto stored = Stored(12);
  for (StoredRun& run : stored)
    run.cells[0].verdict = "failed";  // not asked for
  const HistoryLog log = CompareRuns(RunOf("new", 1), stored, setup);
  ASSERT_EQ(log.comparisons.size(), 1u);
  EXPECT_EQ(log.comparisons[0].cell, "processes/w2");
  EXPECT_EQ(JudgeHistory(log).verdict, GateVerdict::kPass);
  setup.cells = {"/w3"};
  EXPECT_THROW(CompareRuns(RunOf("new", 1), stored, setup), UsageError);
  EXPECT_THROW(CompareRuns(RunOf("new", 1), {}, Margins()), UsageError);
}

}  // namespace
}  // namespace coresweep
