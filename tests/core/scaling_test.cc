#include "harness/core/scaling.h"

#include <gtest/gtest.h>

#include "tests/support/example_sweep.h"

namespace coresweep {
namespace {

using example::MakeCell;
using example::SweepBuilder;

std::vector<ScalingGroup> Scaling(const SweepResult& sweep) {
  return FindScaling(sweep, SummarizeCells(sweep));
}

/// serial 100 items/s, and processes over shm by Amdahl's law with 20 % that only one can do.
SweepBuilder FourCounts() {
  SweepBuilder builder;
  builder.AddMeasured(MakeCell(Mode::kSerial, 1), {100, 100});
  for (const int workers : {1, 2, 4, 8}) {
    const double items_per_s = 100 / (0.2 + 0.8 / workers);
    builder.AddMeasured(MakeCell(Mode::kProcesses, workers), {items_per_s, items_per_s});
  }
  return builder;
}

TEST(Scaling, GroupsCellsThatAreEqualButForTheWorkers) {
  SweepBuilder builder = FourCounts();
  for (const int workers : {1, 2})
    builder.AddMeasured(MakeCell(Mode::kProcesses, workers, 1, "pipe"), {100.0 * workers});
  builder.AddMeasured(MakeCell(Mode::kThreads, 2), {150});
  const auto groups = Scaling(builder.sweep());
  ASSERT_EQ(groups.size(), 2u);  // one point of threads is no curve
  EXPECT_EQ(groups[0].Name(), "processes/t1/compact/c8/shm");
  EXPECT_EQ(groups[0].points.size(), 4u);
  EXPECT_EQ(groups[0].points[3].workers, 8);
  EXPECT_EQ(groups[0].points[3].weight, 2);
  EXPECT_EQ(groups[1].Name(), "processes/t1/compact/c8/pipe");
  EXPECT_EQ(groups[1].amdahl.answer.why_null, "measured at 2 numbers of workers, 3 are needed");
  EXPECT_TRUE(groups[1].amdahl.predictions.empty());
}

TEST(Scaling, MarksWhatLiesBeyondTheMeasuredAsExtrapolation) {
  const auto group = Scaling(FourCounts().sweep()).at(0);
  const auto& predictions = group.amdahl.predictions;
  ASSERT_EQ(predictions.size(), 2u);
  EXPECT_EQ(predictions[0].workers, 16);
  EXPECT_NEAR(predictions[0].speedup, 1 / (0.2 + 0.8 / 16), 1e-9);
  EXPECT_TRUE(predictions[0].extrapolation);
  EXPECT_EQ(predictions[1].workers, 32);
}

TEST(Scaling, OfALawWithABestNumberSaysWhatItGives) {
  SweepBuilder builder;
  builder.AddMeasured(MakeCell(Mode::kSerial, 1), {100});
  const ScalingFit law{1, 0.05, 0.05, 0};  // the top is at 4.4
  for (const int workers : {1, 2, 4, 8})
    builder.AddMeasured(MakeCell(Mode::kProcesses, workers), {100 * law.SpeedupAt(workers)});
  const auto predictions = Scaling(builder.sweep()).at(0).universal.predictions;
  ASSERT_EQ(predictions.size(), 3u);
  EXPECT_EQ(predictions[0].workers, 4);
  EXPECT_FALSE(predictions[0].extrapolation);
  EXPECT_NEAR(predictions[0].speedup, law.SpeedupAt(4), 1e-9);
}

TEST(Scaling, LeavesOutCellsThatTakeTurnsOrGaveWrongAnswers) {
  SweepBuilder builder = FourCounts();
  builder.sweep().plan.cells[4].placement.oversubscribed = true;
  builder.sweep().trials[2].measurement.outcome = Outcome::kIncorrect;
  const auto points = Scaling(builder.sweep()).at(0).points;
  ASSERT_EQ(points.size(), 2u);
  EXPECT_EQ(points[0].workers, 2);
  EXPECT_EQ(points[1].workers, 4);
}

}  // namespace
}  // namespace coresweep
