#include "harness/run/process_trial_runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/ipc/transports.h"

namespace coresweep {
namespace {

using testing::HasSubstr;

/// 100 items of 40 bytes with answers of 12 bytes.
WorkloadInfo Info() {
  WorkloadInfo info;
  info.item = ItemLayout({{DType::kFloat32, {10}}});
  info.answer = ItemLayout({{DType::kFloat32, {3}}});
  info.items = 100;
  return info;
}

PlannedCell Processes(int workers, int threads, int64_t chunk) {
  return {{Mode::kProcesses, workers, threads, "none", chunk, "shm"}, {}};
}

TEST(ShapeOf, HoldsTheLargestChunkEachWay) {
  PlannedCell planned = Processes(1, 1, 8);
  planned.cell.credit = 5;
  const ChannelShape shape = ShapeOf(planned, {}, Info(), 2);
  EXPECT_EQ(shape.request_bytes, 8u * 40);
  EXPECT_EQ(shape.answer_bytes, 8u * 12);
  EXPECT_EQ(shape.credit, 5);
}

TEST(ShapeOf, NeedsNoMoreThanAllItems) {
  const ChannelShape shape = ShapeOf(Processes(1, 1, 1000), {}, Info(), 2);
  EXPECT_EQ(shape.request_bytes, 100u * 40);
  EXPECT_EQ(shape.answer_bytes, 100u * 12);
}

TEST(ShapeOf, SpinsOnlyWhereTheDispatcherHasACpuOfItsOwn) {
  EXPECT_GT(ShapeOf(Processes(3, 1, 1), {}, Info(), 4).spin_ns, 0);
  EXPECT_EQ(ShapeOf(Processes(4, 1, 1), {}, Info(), 4).spin_ns, 0);
  EXPECT_EQ(ShapeOf(Processes(2, 2, 1), {}, Info(), 4).spin_ns, 0);
}

TEST(ShapeOf, DoesNotSpinWhereItsPlaceSlowsWorkersDown) {
  PlannedCell planned = Processes(1, 1, 1);
  ASSERT_GT(ShapeOf(planned, {}, Info(), 4).spin_ns, 0);
  planned.placement.dispatcher_shares_core = true;
  EXPECT_EQ(ShapeOf(planned, {}, Info(), 4).spin_ns, 0);
  planned.placement.dispatcher_shares_core = false;
  planned.placement.oversubscribed = true;  // all on one core by the policy, however many are free
  EXPECT_EQ(ShapeOf(planned, {}, Info(), 4).spin_ns, 0);
}

class WhyImpossibleTest : public testing::Test {
 protected:
  WhyImpossibleTest() {
    reference_.info = Info();
    ChunkReference refused;
    refused.chunk = 3;
    refused.error = "size mismatch at dimension 0";
    ChunkReference good;
    good.chunk = 8;
    reference_.chunks = {good, refused};
    facts_.memory_total_bytes = 1 << 30;
  }
  [[nodiscard]] std::string Why(const PlannedCell& planned) const {
    return WhyImpossible(planned, config_, facts_, reference_);
  }

  SweepConfig config_;
  HostFacts facts_;
  ReferenceData reference_;
};

TEST_F(WhyImpossibleTest, MostCellsAreNot) {
  EXPECT_EQ(Why(Processes(2, 1, 8)), "");
  EXPECT_EQ(Why({{Mode::kSerial, 1, 1, "none", 8, "none"}, {}}), "");
}

TEST_F(WhyImpossibleTest, SaysWhyTheWorkloadRefusesTheChunk) {
  EXPECT_EQ(Why(Processes(2, 1, 3)), "size mismatch at dimension 0");
  EXPECT_EQ(Why({{Mode::kThreads, 1, 1, "none", 3, "none"}, {}}), "size mismatch at dimension 0");
}

TEST_F(WhyImpossibleTest, AChunkWithoutReferenceIs) {
  EXPECT_NE(Why(Processes(2, 1, 9)), "");
}

TEST_F(WhyImpossibleTest, SharedMemoryMayTakeHalfOfWhatIsUsable) {
  const PlannedCell cell = Processes(2, 1, 8);
  const uint64_t needed = 2 * SharedBytes("shm", ShapeOf(cell, config_, reference_.info, 1));
  facts_.memory_limit_bytes = Limit<uint64_t>{2 * needed, "memory.max"};
  EXPECT_EQ(Why(cell), "");
  facts_.memory_limit_bytes->value = 2 * needed - 2;
  EXPECT_THAT(Why(cell), HasSubstr("shared memory"));
  PlannedCell pipe = cell;
  pipe.cell.transport = "pipe";
  EXPECT_EQ(Why(pipe), "");
}

TEST(Judge, AGoodTrialStaysGood) {
  TrialMeasurement measurement;
  measurement.chunks = 3;
  measurement.items_in_window = 2.5;
  measurement.ordering.completion_inversions = 5;  // no fault: the merge puts them right
  Judge(measurement);
  EXPECT_EQ(measurement.outcome, Outcome::kOk);
  EXPECT_EQ(measurement.message, "");
}

TEST(Judge, WrongAnswersAreIncorrect) {
  TrialMeasurement measurement;
  measurement.chunks = 3;
  measurement.output = {50, 40, 7, 0.25};
  measurement.ordering.missing = 1;
  Judge(measurement);
  EXPECT_EQ(measurement.outcome, Outcome::kIncorrect);
  EXPECT_THAT(measurement.message, HasSubstr("7 of 50 answers differ"));
  EXPECT_THAT(measurement.message, HasSubstr("0.25"));
}

TEST(Judge, CorruptedAnswersAreIncorrect) {
  TrialMeasurement measurement;
  measurement.chunks = 3;
  measurement.ordering.corrupted = 2;
  Judge(measurement);
  EXPECT_EQ(measurement.outcome, Outcome::kIncorrect);
  EXPECT_THAT(measurement.message, HasSubstr("2 changed on the way"));
}

TEST(Judge, MissingRepeatedOrMisplacedAnswersAreDisordered) {
  for (const auto field :
       {&OrderingCounts::missing, &OrderingCounts::duplicated, &OrderingCounts::misplaced}) {
    TrialMeasurement measurement;
    measurement.chunks = 3;
    measurement.ordering.*field = 4;
    Judge(measurement);
    EXPECT_EQ(measurement.outcome, Outcome::kDisordered);
    EXPECT_THAT(measurement.message, HasSubstr("4 "));
  }
}

TEST(Judge, ATrialWithoutAChunkFailed) {
  TrialMeasurement measurement;
  Judge(measurement);
  EXPECT_EQ(measurement.outcome, Outcome::kFailed);
  EXPECT_THAT(measurement.message, HasSubstr("--window-s"));
}

}  // namespace
}  // namespace coresweep
