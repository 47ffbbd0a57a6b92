#include "harness/core/knee.h"

#include <gtest/gtest.h>

#include "tests/support/example_sweep.h"

namespace coresweep {
namespace {

using example::BadMeasurement;
using example::GoodMeasurement;
using example::MakeCell;
using example::SweepBuilder;

Cell AtRate(double per_s, int workers = 2) {
  Cell cell = MakeCell(Mode::kProcesses, workers);
  cell.load = {true, Arrivals::kPoisson, per_s, 0};
  return cell;
}

Cell AtShare(double share) {
  Cell cell = MakeCell(Mode::kProcesses, 2);
  cell.load = {true, Arrivals::kPoisson, 0, share};
  return cell;
}

/// A trial of which `computed` of 500 requests were computed, with a p99 of `latency_ms` over
/// `samples`.
TrialMeasurement OpenTrial(int64_t computed, int64_t latency_ms = 1, size_t samples = 1000) {
  TrialMeasurement trial = GoodMeasurement(static_cast<double>(computed) * 2);
  trial.open_load.emplace();
  trial.open_load->due = 500;
  trial.open_load->computed = computed;
  ChunkSample sample = example::MakeSample(0, example::kWindowBeginNs);
  sample.due_ns = example::kWindowBeginNs;
  sample.merged_ns = sample.due_ns + latency_ms * 1'000'000;
  trial.samples.assign(samples, sample);
  return trial;
}

std::vector<Knee> Knees(SweepBuilder& builder) {
  return FindKnees(builder.sweep(), SummarizeCells(builder.sweep()));
}

TEST(RequestRate, IsTheRateAskedFor) {
  SweepBuilder builder;
  EXPECT_EQ(RequestRate(builder.sweep(), builder.AddCell(AtRate(120))), 120);
}

TEST(RequestRate, OfAShareIsThatOfTheFirstMeasuredClosedTrialInChunks) {
  SweepBuilder builder;
  const int other = builder.AddCell(MakeCell(Mode::kProcesses, 1));
  const int closed = builder.AddCell(MakeCell(Mode::kProcesses, 2));
  const int share = builder.AddCell(AtShare(0.8));
  EXPECT_EQ(RequestRate(builder.sweep(), share), std::nullopt);
  builder.AddTrial(other, 0, GoodMeasurement(5000));
  builder.LastMeasurement().chunks = 100;
  builder.AddTrial(closed, 0, BadMeasurement(Outcome::kFailed, "died"));
  EXPECT_EQ(RequestRate(builder.sweep(), share), std::nullopt);
  builder.AddTrial(closed, 0, GoodMeasurement(7000));
  builder.LastMeasurement().chunks = 20;
  builder.sweep().trials.back().trial.role = TrialRole::kProbe;
  // 100 items in 20 chunks: five items a chunk, whatever the chunk size asked for.
  builder.AddTrial(closed, 1, GoodMeasurement(1000));
  builder.LastMeasurement().chunks = 20;
  builder.AddTrial(closed, 2, GoodMeasurement(9000));
  builder.LastMeasurement().chunks = 20;
  EXPECT_DOUBLE_EQ(*RequestRate(builder.sweep(), share), 1000.0 / 5 * 0.8);
}

TEST(Knee, IsTheHighestRateThatIsSustainedWithAllBelowIt) {
  SweepBuilder builder;
  for (const auto& [rate, computed] :
       {std::pair(400.0, 300), {100.0, 500}, {300.0, 500}, {200.0, 500}, {500.0, 500}})
    builder.AddTrial(builder.AddCell(AtRate(rate)), 0, OpenTrial(computed));
  const auto knees = Knees(builder);
  ASSERT_EQ(knees.size(), 1u);
  EXPECT_EQ(knees[0].shape, "processes/w2/t1/compact/c8/shm");
  ASSERT_EQ(knees[0].points.size(), 5u);
  ASSERT_TRUE(knees[0].highest);
  EXPECT_EQ(knees[0].points[*knees[0].highest].rate_per_s, 300);
  EXPECT_EQ(knees[0].points[3].sustained, Sustained::kNo);
}

TEST(Knee, ThereIsNoneWhenTheLowestRateIsNotSustained) {
  SweepBuilder builder;
  builder.AddTrial(builder.AddCell(AtRate(100)), 0, OpenTrial(100));
  EXPECT_FALSE(Knees(builder)[0].highest);
}

TEST(Knee, ARateWhoseP99IsBeyondTheBoundIsNotSustained) {
  SweepBuilder builder;
  builder.AddTrial(builder.AddCell(AtRate(100)), 0, OpenTrial(500, 10));
  builder.AddTrial(builder.AddCell(AtRate(200)), 0, OpenTrial(500, 11));
  builder.AddTrial(builder.AddCell(AtRate(300)), 0, OpenTrial(500, 10, 999));
  EXPECT_EQ(Knees(builder)[0].points[1].sustained, Sustained::kYes);
  builder.sweep().plan.config.latency_bound_ms = 10;
  const auto points = Knees(builder)[0].points;
  EXPECT_EQ(points[0].sustained, Sustained::kYes);
  EXPECT_EQ(points[1].sustained, Sustained::kNo);
  EXPECT_EQ(points[2].sustained, Sustained::kUnknown);  // too few for a p99
}

TEST(Knee, IsNotPassedWhereACellTellsNothing) {
  SweepBuilder builder;
  builder.AddTrial(builder.AddCell(AtRate(100)), 0, OpenTrial(500));
  builder.AddTrial(builder.AddCell(AtRate(200)), 0, BadMeasurement(Outcome::kFailed, "died"));
  builder.AddTrial(builder.AddCell(AtRate(300)), 0, OpenTrial(500));
  builder.AddCell(AtRate(400));
  const Knee knee = Knees(builder)[0];
  EXPECT_EQ(knee.points[1].sustained, Sustained::kUnknown);
  EXPECT_EQ(knee.points[3].sustained, Sustained::kUnknown);
  EXPECT_EQ(knee.highest, 0u);
}

TEST(Knee, EachShapeHasItsOwn) {
  SweepBuilder builder;
  builder.AddTrial(builder.AddCell(AtRate(100, 1)), 0, OpenTrial(500));
  builder.AddTrial(builder.AddCell(AtRate(100, 2)), 0, OpenTrial(10));
  builder.AddMeasured(MakeCell(Mode::kProcesses, 2), {100});
  const auto knees = Knees(builder);
  ASSERT_EQ(knees.size(), 2u);
  EXPECT_EQ(knees[0].highest, 0u);
  EXPECT_FALSE(knees[1].highest);
}

}  // namespace
}  // namespace coresweep
