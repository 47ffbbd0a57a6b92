#include "harness/core/paired_ratio.h"

#include <gtest/gtest.h>

#include <cmath>

#include "harness/core/cell_verdict.h"
#include "tests/support/example_sweep.h"

namespace coresweep {
namespace {

using example::BadMeasurement;
using example::GoodMeasurement;
using example::MakeCell;
using example::SweepBuilder;

constexpr TrialRole kReference = TrialRole::kReference;

/// A serial cell (0), which is the reference, and processes with two workers (1), whose throughput
/// is twice as high. The machine gets slower by 10 % with every launch.
class Drifting {
 public:
  Drifting() {
    builder_.AddCell(MakeCell(Mode::kSerial, 1));
    builder_.AddCell(MakeCell(Mode::kProcesses, 2));
    builder_.sweep().plan.config.reference_every = 1;
  }
  Drifting& Launch(int cell, int repetition, TrialRole role = TrialRole::kCell) {
    builder_.AddTrial(cell, repetition, GoodMeasurement((cell + 1) * 100 * speed_), role);
    speed_ *= 0.9;
    return *this;
  }
  /// References around a launch of each cell, `serial_first` or not.
  Drifting& Repetition(int repetition, bool serial_first) {
    Launch(0, repetition, kReference).Launch(serial_first ? 0 : 1, repetition);
    return Launch(0, repetition, kReference).Launch(serial_first ? 1 : 0, repetition);
  }
  SweepBuilder& builder() { return builder_; }
  SweepResult& sweep() { return builder_.sweep(); }

 private:
  SweepBuilder builder_;
  double speed_ = 1;
};

TEST(LogRatios, AreAgainstTheReferencesBesideEachTrial) {
  SweepBuilder builder;
  builder.AddCell(MakeCell(Mode::kSerial, 1));
  builder.AddCell(MakeCell(Mode::kProcesses, 2));
  builder.AddTrial(0, 0, GoodMeasurement(100), kReference);
  builder.AddTrial(1, 0, GoodMeasurement(200));
  builder.AddTrial(0, 0, GoodMeasurement(50), kReference);
  const auto ratios = LogRatios(builder.sweep());
  ASSERT_EQ(ratios.size(), 3u);
  EXPECT_NEAR(*ratios[0], -std::log(2), 1e-12);
  EXPECT_NEAR(*ratios[1], -1.5 * std::log(2), 1e-12);  // mean of the logs of 1/2 and 1/4
  EXPECT_NEAR(*ratios[2], std::log(2), 1e-12);
}

TEST(LogRatios, AreNoneOfProbesOfTrialsWithoutThroughputAndWithoutReferences) {
  SweepBuilder builder;
  builder.AddCell(MakeCell(Mode::kSerial, 1));
  builder.AddTrial(0, 0, GoodMeasurement(100), TrialRole::kProbe);
  builder.AddTrial(0, 0, GoodMeasurement(100), kReference);
  builder.AddTrial(0, 0, BadMeasurement(Outcome::kFailed, "died"));
  EXPECT_EQ(LogRatios(builder.sweep()), (std::vector<std::optional<double>>(3)));
}

TEST(LogRatios, DoNotRestOnAReferenceWithWrongAnswers) {
  SweepBuilder builder;
  builder.AddCell(MakeCell(Mode::kSerial, 1));
  builder.AddTrial(0, 0, GoodMeasurement(100), kReference);
  builder.LastMeasurement().outcome = Outcome::kIncorrect;
  builder.AddTrial(0, 0, GoodMeasurement(100));
  EXPECT_FALSE(LogRatios(builder.sweep())[1]);
}

TEST(RatioToControl, IsFreeOfDriftThroughReferences) {
  Drifting machine;
  for (int repetition = 0; repetition < 3; ++repetition)
    machine.Repetition(repetition, repetition != 1);
  machine.Launch(0, 2, kReference);
  const CellResult cell = SummarizeCells(machine.sweep())[1];
  EXPECT_TRUE(cell.speedup->through_references);
  EXPECT_NEAR(cell.speedup->low, 2, 1e-9);
  EXPECT_NEAR(cell.speedup->high, 2, 1e-9);
  EXPECT_NEAR(cell.parallel_efficiency->median, 1, 1e-9);
}

TEST(RatioToControl, SetsThroughputsAgainstEachOtherWhereAReferenceIsMissing) {
  Drifting machine;
  machine.Launch(0, 0).Launch(1, 0);
  const CellResult cell = SummarizeCells(machine.sweep())[1];
  EXPECT_FALSE(cell.speedup->through_references);
  EXPECT_NEAR(cell.speedup->median, 1.8, 1e-9);  // the drift is in it
}

TEST(RatioToControl, DoesNotMixTheTwoWays) {
  Drifting machine;
  machine.Repetition(0, true).Launch(0, 0, kReference);
  for (int i = 0; i < 8; ++i)  // out of the reach of any reference
    machine.Launch(1, 1 + i);
  machine.Launch(0, 8);
  EXPECT_FALSE(SummarizeCells(machine.sweep())[1].speedup->through_references);
}

TEST(RatioToControl, OfAControlToItselfIsOne) {
  Drifting machine;
  machine.Repetition(0, true).Launch(0, 0, kReference);
  const CellResult cell = SummarizeCells(machine.sweep())[0];
  EXPECT_EQ(cell.speedup->low, 1);
  EXPECT_EQ(cell.speedup->high, 1);
}

TEST(RatioToControl, HasAnIntervalFromSixRepetitionsOn) {
  Drifting machine;
  for (int repetition = 0; repetition < 5; ++repetition)
    machine.Launch(0, repetition).Launch(1, repetition);
  const auto five = *SummarizeCells(machine.sweep())[1].speedup;
  EXPECT_FALSE(five.interval.low);
  EXPECT_EQ(five.interval.why_null, "5 of 6 values needed for an interval at 95 %");
  machine.Launch(1, 5).Launch(0, 5);
  const auto six = *SummarizeCells(machine.sweep())[1].speedup;
  EXPECT_NEAR(*six.interval.low, 1.8, 1e-9);
  EXPECT_NEAR(*six.interval.high, 2 / 0.9, 1e-9);
  EXPECT_DOUBLE_EQ(six.interval.confidence, 1 - 2 / 64.0);
}

TEST(References, AreNoRepetitionsOfTheirCell) {
  Drifting machine;
  machine.Repetition(0, true);
  const CellResult serial = SummarizeCells(machine.sweep())[0];
  EXPECT_EQ(serial.repetitions, 1);
  EXPECT_NEAR(serial.throughput_per_s->high, 90, 1e-9);  // the first reference gave 100
}

TEST(References, AndProbesThatFailMakeTheVerdictOfTheirCell) {
  for (const TrialRole role : {kReference, TrialRole::kProbe}) {
    SweepBuilder builder;
    builder.AddMeasured(MakeCell(Mode::kSerial, 1), {100});
    builder.AddTrial(0, 0, BadMeasurement(Outcome::kIncorrect, "3 answers differ"), role);
    EXPECT_EQ(JudgeCell(builder.sweep(), 0).verdict, "incorrect");
    EXPECT_EQ(JudgeCell(builder.sweep(), 0).reason, "3 answers differ");
    EXPECT_EQ(TrialsOf(builder.sweep(), 0).size(), 1u);
  }
}

}  // namespace
}  // namespace coresweep
