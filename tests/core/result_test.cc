#include "harness/core/result.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "harness/core/cell_verdict.h"
#include "tests/support/example_sweep.h"

namespace coresweep {
namespace {

using example::GoodMeasurement;
using example::kGateNs;
using example::kWindowBeginNs;
using example::kWindowEndNs;
using example::MakeCell;
using example::MakeSample;
using example::SweepBuilder;
using example::TypicalSweep;

CellResult LastCell(const SweepResult& sweep) {
  return SummarizeCells(sweep).back();
}

/// Cell with `count` samples that lie inside the window, in order.
SweepBuilder WithSamples(Mode mode, int count) {
  SweepBuilder builder;
  builder.AddMeasured(MakeCell(mode, 2), {100});
  for (int i = 0; i < count; ++i)
    builder.LastMeasurement().samples.push_back(
        MakeSample(static_cast<uint64_t>(i), kWindowBeginNs + i));
  return builder;
}

TEST(TrialThroughput, IsItemsInTheWindowOverItsLength) {
  TrialResult trial;
  trial.measurement = GoodMeasurement(186);
  EXPECT_DOUBLE_EQ(*trial.Throughput(), 186);
}

TEST(TrialThroughput, ExistsForWrongAnswersButNotForTrialsThatBrokeOff) {
  for (const Outcome outcome : {Outcome::kOk, Outcome::kIncorrect, Outcome::kDisordered}) {
    TrialResult trial{{}, 0, GoodMeasurement(10)};
    trial.measurement.outcome = outcome;
    EXPECT_TRUE(trial.Throughput()) << ToString(outcome);
  }
  for (const Outcome outcome : {Outcome::kFailed, Outcome::kTimedOut, Outcome::kInterrupted}) {
    TrialResult trial{{}, 0, GoodMeasurement(10)};
    trial.measurement.outcome = outcome;
    EXPECT_FALSE(trial.Throughput()) << ToString(outcome);
  }
}

TEST(TrialThroughput, IsUnknownWithoutAWindow) {
  TrialResult trial{{}, 0, GoodMeasurement(10)};
  trial.measurement.window = {kGateNs, kGateNs};
  EXPECT_FALSE(trial.Throughput());
}

TEST(SummarizeCells, GivesOneRowForEachCellInThePlansOrder) {
  const auto cells = SummarizeCells(TypicalSweep().sweep());
  ASSERT_EQ(cells.size(), 3u);
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(cells[static_cast<size_t>(i)].cell_index, i);
}

TEST(SummarizeCells, ShowsMedianLeastAndGreatestThroughput) {
  const CellResult cell = LastCell(TypicalSweep().sweep());
  EXPECT_EQ(cell.repetitions, 3);
  EXPECT_DOUBLE_EQ(cell.throughput_per_s->median, 192);
  EXPECT_DOUBLE_EQ(cell.throughput_per_s->low, 190);
  EXPECT_DOUBLE_EQ(cell.throughput_per_s->high, 194);
}

TEST(SummarizeCells, PairsEachRepetitionWithTheControlOfTheSame) {
  SweepBuilder builder;
  builder.AddMeasured(MakeCell(Mode::kSerial, 1), {100, 50, 200});
  builder.AddMeasured(MakeCell(Mode::kIndependent, 2), {200, 125, 400});
  const int index = builder.AddCell(MakeCell(Mode::kProcesses, 2));
  builder.AddTrial(index, 2, GoodMeasurement(300));  // run in another order than the controls
  builder.AddTrial(index, 0, GoodMeasurement(180));
  builder.AddTrial(index, 1, GoodMeasurement(100));
  const CellResult cell = LastCell(builder.sweep());
  EXPECT_DOUBLE_EQ(cell.speedup->median, 1.8);  // of 1.8, 2.0 and 1.5
  EXPECT_DOUBLE_EQ(cell.speedup->low, 1.5);
  EXPECT_DOUBLE_EQ(cell.speedup->high, 2.0);
  EXPECT_DOUBLE_EQ(cell.parallel_efficiency->median, 0.9);
  EXPECT_DOUBLE_EQ(cell.dispatch_efficiency->median, 0.8);  // of 0.9, 0.8 and 0.75
  EXPECT_DOUBLE_EQ(cell.dispatch_efficiency->low, 0.75);
}

TEST(SummarizeCells, LeavesOutRepetitionsWithoutTheirControl) {
  SweepBuilder builder;
  builder.AddMeasured(MakeCell(Mode::kSerial, 1), {100});
  builder.AddMeasured(MakeCell(Mode::kProcesses, 2), {150, 300});
  const CellResult cell = LastCell(builder.sweep());
  EXPECT_EQ(cell.repetitions, 2);
  EXPECT_DOUBLE_EQ(cell.speedup->low, 1.5);
  EXPECT_DOUBLE_EQ(cell.speedup->high, 1.5);
  EXPECT_FALSE(cell.dispatch_efficiency);
}

TEST(SummarizeCells, KnowsNoSpeedupWhenTheControlFailed) {
  SweepBuilder builder;
  builder.AddTrial(builder.AddCell(MakeCell(Mode::kSerial, 1)), 0,
                   example::BadMeasurement(Outcome::kFailed, "died"));
  builder.AddMeasured(MakeCell(Mode::kProcesses, 2), {150});
  const CellResult cell = LastCell(builder.sweep());
  EXPECT_TRUE(cell.throughput_per_s);
  EXPECT_FALSE(cell.speedup);
  EXPECT_FALSE(cell.parallel_efficiency);
}

TEST(SummarizeCells, JudgesEfficiencyByTheControlWithAsManyThreads) {
  SweepBuilder builder;
  builder.AddMeasured(MakeCell(Mode::kSerial, 1, 1), {10});
  builder.AddMeasured(MakeCell(Mode::kSerial, 1, 2), {100});
  builder.AddMeasured(MakeCell(Mode::kProcesses, 2, 2), {200});
  const CellResult cell = LastCell(builder.sweep());
  EXPECT_DOUBLE_EQ(cell.speedup->median, 2);
  EXPECT_DOUBLE_EQ(cell.parallel_efficiency->median, 1);
}

TEST(SummarizeCells, KnowsDispatchEfficiencyForProcessesOnly) {
  const auto cells = SummarizeCells(TypicalSweep().sweep());
  EXPECT_FALSE(cells[0].dispatch_efficiency);
  EXPECT_FALSE(cells[1].dispatch_efficiency);
  EXPECT_TRUE(cells[2].dispatch_efficiency);
}

TEST(Latency, SpansIssueToMerge) {
  const auto cell = LastCell(WithSamples(Mode::kProcesses, 1000).sweep());
  EXPECT_EQ(cell.latency.samples, 1000);
  EXPECT_DOUBLE_EQ(*cell.latency.p50_us, 43'000);
  EXPECT_DOUBLE_EQ(*cell.latency.p99_us, 43'000);
  EXPECT_DOUBLE_EQ(*cell.latency.max_us, 43'000);
  EXPECT_EQ(cell.latency.why_null, "");
}

TEST(Latency, OfThePercentilesHasThoseThatTheSamplesAllow) {
  const auto cell = LastCell(WithSamples(Mode::kProcesses, 100).sweep());
  EXPECT_TRUE(cell.latency.p50_us);
  EXPECT_TRUE(cell.latency.p90_us);
  EXPECT_FALSE(cell.latency.p99_us);
  EXPECT_EQ(cell.latency.why_null,
            "p99 needs 1000 samples, there are 100: use a longer window or more repetitions");
}

TEST(Latency, SaysWhichPercentilesAreMissing) {
  const auto cell = LastCell(WithSamples(Mode::kProcesses, 5).sweep());
  EXPECT_FALSE(cell.latency.p50_us);
  EXPECT_TRUE(cell.latency.max_us);
  EXPECT_THAT(cell.latency.why_null, ::testing::StartsWith("p50 needs 20 samples, p90 needs 100"));
}

TEST(Latency, IsUnknownWithoutSamples) {
  const auto cell = LastCell(WithSamples(Mode::kProcesses, 0).sweep());
  EXPECT_FALSE(cell.latency.max_us);
  EXPECT_THAT(cell.latency.why_null, ::testing::HasSubstr("no chunk was sampled"));
}

TEST(Latency, LeavesOutChunksComputedOutsideTheWindow) {
  SweepBuilder builder = WithSamples(Mode::kProcesses, 1);
  auto& samples = builder.LastMeasurement().samples;
  samples.push_back(MakeSample(1, kGateNs));                    // warm-up
  samples.push_back(MakeSample(2, kWindowEndNs));               // drain
  samples.push_back(MakeSample(3, kWindowEndNs - 10'000'000));  // crosses the edge
  EXPECT_EQ(LastCell(builder.sweep()).latency.samples, 2);
}

TEST(ChunkTimes, SplitALatencyIntoItsParts) {
  const auto times = LastCell(WithSamples(Mode::kProcesses, 3).sweep()).chunk_times;
  EXPECT_DOUBLE_EQ(*times.queue_us, 1'000);
  EXPECT_DOUBLE_EQ(*times.compute_us, 40'000);
  EXPECT_DOUBLE_EQ(*times.merge_us, 2'000);
}

TEST(ChunkTimes, KnowNoQueueWithoutADispatcher) {
  const auto times = LastCell(WithSamples(Mode::kIndependent, 3).sweep()).chunk_times;
  EXPECT_FALSE(times.queue_us);
  EXPECT_FALSE(times.merge_us);
  EXPECT_DOUBLE_EQ(*times.compute_us, 40'000);
}

TEST(Ordering, AddsCountsAndKeepsTheDeepest) {
  SweepBuilder builder;
  const int index = builder.AddCell(MakeCell(Mode::kProcesses, 2));
  auto first = GoodMeasurement(10);
  first.ordering = {100, 1, 2, 3, 4, 5, 6, 7};
  auto second = GoodMeasurement(10);
  second.ordering = {10, 10, 10, 10, 10, 10, 5, 10};
  builder.AddTrial(index, 0, first).AddTrial(index, 1, second);
  const OrderingCounts sum = LastCell(builder.sweep()).ordering;
  EXPECT_EQ(sum.answers, 110);
  EXPECT_EQ(sum.missing, 11);
  EXPECT_EQ(sum.duplicated, 12);
  EXPECT_EQ(sum.misplaced, 13);
  EXPECT_EQ(sum.corrupted, 14);
  EXPECT_EQ(sum.completion_inversions, 15);
  EXPECT_EQ(sum.max_reorder_depth, 6);
  EXPECT_EQ(sum.head_of_line_ns, 17);
}

TEST(Output, AddsCountsAndKeepsTheLargestDifference) {
  SweepBuilder builder;
  const int index = builder.AddCell(MakeCell(Mode::kProcesses, 2));
  auto first = GoodMeasurement(10);
  first.output = {10, 8, 1, 0.5};
  auto second = GoodMeasurement(10);
  second.output = {20, 20, 2, 0.25};
  builder.AddTrial(index, 0, first).AddTrial(index, 1, second);
  const OutputCheck sum = LastCell(builder.sweep()).output;
  EXPECT_EQ(sum.compared, 30);
  EXPECT_EQ(sum.bitwise_equal, 28);
  EXPECT_EQ(sum.outside_tolerance, 3);
  EXPECT_EQ(sum.max_abs_diff, 0.5);
}

TEST(Output, KeepsAnInfiniteDifference) {
  SweepBuilder builder;
  const int index = builder.AddCell(MakeCell(Mode::kProcesses, 2));
  auto first = GoodMeasurement(10);
  first.output.max_abs_diff = std::numeric_limits<double>::infinity();
  builder.AddTrial(index, 0, first).AddTrial(index, 1, GoodMeasurement(10));
  EXPECT_TRUE(std::isinf(LastCell(builder.sweep()).output.max_abs_diff));
}

int BestOf(SweepBuilder& builder) {
  return BestCell(builder.sweep(), SummarizeCells(builder.sweep()));
}

TEST(BestCell, HasTheHighestMedianThroughputOfThoseThatCanBeUsed) {
  SweepBuilder builder = TypicalSweep();  // `independent` is faster, but not a way to work
  EXPECT_EQ(BestOf(builder), 2);
}

TEST(BestCell, IsTheSmallestOfThoseWithinTwoPercent) {
  SweepBuilder builder = TypicalSweep();
  builder.AddMeasured(MakeCell(Mode::kProcesses, 4), {195, 195, 195});
  EXPECT_EQ(BestOf(builder), 2);
  const int clearly_better = builder.AddMeasured(MakeCell(Mode::kProcesses, 3), {197, 197, 197});
  EXPECT_EQ(BestOf(builder), clearly_better);
}

TEST(BestCell, IsTheFasterOfTwoOfOneSize) {
  SweepBuilder builder = TypicalSweep();
  const int faster = builder.AddMeasured(MakeCell(Mode::kProcesses, 2, 1, "unix"), {193, 193, 193});
  EXPECT_EQ(BestOf(builder), faster);
}

TEST(BestCell, IsSerialWhenNothingBeatsIt) {
  SweepBuilder builder;
  const int serial = builder.AddMeasured(MakeCell(Mode::kSerial, 1), {100});
  builder.AddMeasured(MakeCell(Mode::kProcesses, 1), {101});
  builder.AddMeasured(MakeCell(Mode::kProcesses, 2), {101});
  EXPECT_EQ(BestOf(builder), serial);
}

TEST(BestCell, IsNeverOneThatIsNotOk) {
  SweepBuilder builder = TypicalSweep();
  builder.AddMeasured(MakeCell(Mode::kThreads, 2), {500, 500, 500});
  builder.LastMeasurement().outcome = Outcome::kIncorrect;
  EXPECT_EQ(BestOf(builder), 2);
}

TEST(BestCell, IsAThrottledOneWhenItIsMuchFaster) {
  SweepBuilder builder = TypicalSweep();
  const int throttled = builder.AddMeasured(MakeCell(Mode::kProcesses, 3), {210, 210, 210});
  builder.LastMeasurement().system.throttle = ThrottleDelta{10, 5, 0};
  EXPECT_EQ(BestOf(builder), 2);
  for (auto& trial : builder.sweep().trials)
    if (trial.trial.cell_index == throttled) trial.measurement.items_in_window = 110;
  EXPECT_EQ(BestOf(builder), throttled);
}

TEST(BestCell, IsNoThrottledOneThatNoiseAloneMakesFaster) {
  SweepBuilder builder;
  const int good = builder.AddMeasured(MakeCell(Mode::kProcesses, 1), {90, 100, 108});
  const int throttled = builder.AddMeasured(MakeCell(Mode::kProcesses, 2), {105, 112, 115});
  builder.LastMeasurement().system.throttle = ThrottleDelta{10, 5, 0};
  ASSERT_EQ(JudgeCell(builder.sweep(), throttled).verdict, "throttled");
  EXPECT_EQ(BestOf(builder), good);
}

TEST(BestCell, IsTheSmallestThrottledOneWhenAllAre) {
  SweepBuilder builder;
  for (const int workers : {1, 2}) {
    builder.AddMeasured(MakeCell(Mode::kProcesses, workers), {50});
    builder.LastMeasurement().system.throttle = ThrottleDelta{10, 5, 0};
  }
  EXPECT_EQ(BestOf(builder), 0);
}

TEST(BestCell, IsNoneWhenNothingWasMeasured) {
  SweepBuilder builder;
  builder.AddCell(MakeCell(Mode::kProcesses, 2));
  EXPECT_EQ(BestOf(builder), -1);
}

}  // namespace
}  // namespace coresweep
