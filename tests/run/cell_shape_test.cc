#include "harness/run/cell_shape.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/clock.h"
#include "harness/core/chunk_dealer.h"
#include "harness/ipc/transports.h"
#include "tests/core/framing_testing.h"

namespace coresweep {
namespace {

using testing::HasSubstr;

/// 100 items of 40 bytes with answers of 12 bytes; a chunk of 8 takes 1 ms, one of 1 10 us.
ReferenceData Reference100() {
  ReferenceData reference;
  reference.info.item = ItemLayout({{DType::kFloat32, {10}}});
  reference.info.answer = ItemLayout({{DType::kFloat32, {3}}});
  reference.info.items = 100;
  for (const auto& [chunk, chunk_ns] :
       {std::pair{int64_t{8}, kNsPerMs}, {int64_t{1}, 10 * kNsPerUs}, {int64_t{1000}, kNsPerS}}) {
    reference.chunks.emplace_back();
    reference.chunks.back().chunk = chunk;
    reference.chunks.back().chunk_ns = chunk_ns;
  }
  return reference;
}

PlannedCell Processes(int workers, int threads, int64_t chunk) {
  return {{Mode::kProcesses, workers, threads, "none", chunk, "shm"}, {}};
}

CellShape Shape(const PlannedCell& planned, int usable = 2) {
  return ShapeOf(planned, Reference100(), usable);
}

TEST(ShapeOf, HoldsTheLargestChunkEachWay) {
  PlannedCell planned = Processes(1, 1, 8);
  planned.cell.credit = 5;
  const ChannelShape shape = Shape(planned).channel;
  EXPECT_EQ(shape.request_bytes, 8u * 40);
  EXPECT_EQ(shape.answer_bytes, 8u * 12);
  EXPECT_EQ(shape.credit, 5);
}

TEST(ShapeOf, NeedsNoMoreThanAllItems) {
  const ChannelShape shape = Shape(Processes(1, 1, 1000)).channel;
  EXPECT_EQ(shape.request_bytes, 100u * 40);
  EXPECT_EQ(shape.answer_bytes, 100u * 12);
}

/// The same with 4 items of 3, 40, 1 and 0 letters, and answers of up to 40.
ReferenceData VariableReference() {
  ReferenceData reference = Reference100();
  reference.info.item = reference.info.answer = kLetters;
  reference.info.items = 4;
  const auto items = Frames({"abc", std::string(40, 'd'), "e", ""});
  reference.item_offsets = FrameOffsets(kLetters, items, 4);
  reference.chunks[0].chunk = 2;
  return reference;
}

TEST(ShapeOf, HoldsTheLargestChunkThatThereIsAndTheLargestAnswersThatMayCome) {
  const ChannelShape shape = ShapeOf(Processes(1, 1, 2), VariableReference(), 2).channel;
  EXPECT_EQ(shape.request_bytes, 32u + 64);       // items 0 and 1, framed
  EXPECT_EQ(shape.answer_bytes, 2u * (16 + 48));  // declared
}

TEST(ShapeOf, OfVariableSizeTooHasRoomForTheLongestRun) {
  PlannedCell planned = Processes(1, 1, 1);
  planned.cell.dispatch = Dispatch::kGuided;
  ASSERT_EQ(ChunkDealer::LongestRun(Dispatch::kGuided, 1, 4), 2);
  EXPECT_EQ(ShapeOf(planned, VariableReference(), 2).channel.request_bytes, 64u + 32);
}

TEST(ShapeOf, AutoCreditCoversSomeMillisecondsOfWork) {
  EXPECT_EQ(Shape(Processes(1, 1, 8)).channel.credit, 8);
  EXPECT_EQ(Shape(Processes(1, 1, 1)).channel.credit, 64);
  EXPECT_EQ(Shape(Processes(1, 1, 1000)).channel.credit, 2);
}

TEST(ShapeOf, AutoCreditKeepsCopiesSmall) {
  ReferenceData reference = Reference100();
  reference.info.item = ItemLayout({{DType::kFloat32, {1 << 20}}});
  EXPECT_EQ(ShapeOf(Processes(1, 1, 1), reference, 2).channel.credit, 2);
}

TEST(ShapeOf, GuidedHasRoomForItsLongestRun) {
  PlannedCell planned = Processes(2, 1, 1);
  planned.cell.dispatch = Dispatch::kGuided;
  const ChannelShape shape = Shape(planned).channel;
  EXPECT_EQ(shape.requests, 2);
  EXPECT_EQ(shape.credit, 2 * 16);
  EXPECT_EQ(shape.request_bytes, 16u * 40);
  EXPECT_EQ(shape.answer_bytes, 12u);
}

TEST(ShapeOf, StaticHasRoomForWorkersAPassApart) {
  PlannedCell planned = Processes(2, 1, 1);
  planned.cell.dispatch = Dispatch::kStatic;
  planned.cell.credit = 1;
  EXPECT_GE(Shape(planned).merge_capacity, 200u);
}

TEST(ShapeOf, SpinsOnlyWhereTheDispatcherHasACpuOfItsOwn) {
  EXPECT_GT(Shape(Processes(3, 1, 1), 4).channel.spin_ns, 0);
  EXPECT_EQ(Shape(Processes(4, 1, 1), 4).channel.spin_ns, 0);
  EXPECT_EQ(Shape(Processes(2, 2, 1), 4).channel.spin_ns, 0);
  EXPECT_THAT(Shape(Processes(3, 1, 1), 4).waiting, HasSubstr("spin up to 50 us"));
  EXPECT_EQ(Shape(Processes(4, 1, 1), 4).waiting, "sleep: 5 threads are runnable on 4 usable CPUs");
}

TEST(ShapeOf, DoesNotSpinWhereItsPlaceSlowsWorkersDown) {
  PlannedCell planned = Processes(1, 1, 1);
  ASSERT_GT(Shape(planned, 4).channel.spin_ns, 0);
  planned.placement.dispatcher_shares_core = true;
  EXPECT_EQ(Shape(planned, 4).channel.spin_ns, 0);
  planned.placement.dispatcher_shares_core = false;
  planned.placement.oversubscribed = true;  // all on one core by the policy, however many are free
  EXPECT_EQ(Shape(planned, 4).channel.spin_ns, 0);
}

TEST(ShapeOf, WaitsAsAskedForWhateverTheRoom) {
  for (const int usable : {1, 4}) {
    PlannedCell planned = Processes(1, 1, 1);
    planned.cell.wait = Wait::kBlock;
    EXPECT_EQ(Shape(planned, usable).channel.spin_ns, 0);
    EXPECT_EQ(Shape(planned, usable).waiting, "sleep");
    planned.cell.wait = Wait::kSpin;
    EXPECT_EQ(Shape(planned, usable).channel.spin_ns, kSpinForever);
  }
  PlannedCell crowded = Processes(2, 1, 1);
  crowded.cell.wait = Wait::kSpin;
  EXPECT_THAT(Shape(crowded).waiting, HasSubstr("although 3 threads are runnable on 2"));
}

class WhyImpossibleTest : public testing::Test {
 protected:
  WhyImpossibleTest() : reference_(Reference100()) {
    ChunkReference refused;
    refused.chunk = 3;
    refused.error = "size mismatch at dimension 0";
    reference_.chunks.push_back(refused);
    facts_.memory_total_bytes = 1 << 30;
  }
  [[nodiscard]] std::string Why(const PlannedCell& planned) const {
    return WhyImpossible(planned, facts_, reference_);
  }

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

TEST_F(WhyImpossibleTest, WhatIsOnItsWayMayTakeHalfOfTheMemory) {
  for (const char* transport : {"shm", "pipe", "zeromq"}) {
    SCOPED_TRACE(transport);
    PlannedCell cell = Processes(2, 1, 8);
    cell.cell.transport = transport;
    const CellShape shape = ShapeOf(cell, reference_, 1);
    const uint64_t needed = 2 * ConnectionBytes(transport, shape.channel) +
                            shape.merge_capacity * shape.channel.answer_bytes;
    facts_.memory_limit_bytes = Limit<uint64_t>{2 * needed, "memory.max"};
    EXPECT_EQ(Why(cell), "");
    facts_.memory_limit_bytes->value = 2 * needed - 2;
    EXPECT_THAT(Why(cell), HasSubstr("more than half of the"));
  }
}

TEST_F(WhyImpossibleTest, StaticNeedsRoomForTheAnswersOfTwoPasses) {
  PlannedCell cell = Processes(2, 1, 1);
  cell.cell.dispatch = Dispatch::kStatic;
  EXPECT_EQ(Why(cell), "");
  reference_.info.answer = ItemLayout({{DType::kFloat32, {1 << 20}}});
  EXPECT_THAT(Why(cell), HasSubstr("dispatch dynamic"));
}

}  // namespace
}  // namespace coresweep
