#include "harness/core/placement_dispatcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/core/placement_machines.h"

namespace coresweep {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Two L3s of two cores of two PUs.
Topology Small() {
  return Synthetic("package:1 l3:2 core:2 pu:2");
}

Placement Own(const std::string& policy, const Topology& topology, int workers, int threads = 1,
              Width width = Width::kPu) {
  return MustPlace(policy, topology, {workers, threads, width, DispatcherPlace::kOwn});
}

Placement Beside(const std::string& policy, const Topology& topology, int workers, int threads = 1,
                 Width width = Width::kPu) {
  return MustPlace(policy, topology, {workers, threads, width, DispatcherPlace::kBeside});
}

TEST(DispatcherUnpinned, SharesOnlyWhenThreadsFillTheMachine) {
  const Placement placement = MustPlace("compact", Small(), {7, 1});
  EXPECT_TRUE(placement.dispatcher.Empty());
  EXPECT_FALSE(placement.dispatcher_shares_core);
  EXPECT_TRUE(MustPlace("compact", Small(), {8, 1}).dispatcher_shares_core);
  EXPECT_FALSE(MustPlace("compact", Small(), {1, 1, Width::kObject}).dispatcher_shares_core);
  EXPECT_FALSE(MustPlace("none", Small(), {7, 1}).dispatcher_shares_core);
  EXPECT_TRUE(MustPlace("none", Small(), {4, 2}).dispatcher_shares_core);
  // As many threads as PUs, but kept to some of them.
  EXPECT_FALSE(MustPlace("pcore", Hybrid(), {20, 1}).dispatcher_shares_core);
}

TEST(DispatcherOwn, TakesTheFreeCoreNearestToWorkerZero) {
  const Placement placement = Own("compact", Small(), 1);
  EXPECT_EQ(placement.dispatcher.ToList(), "2-3");
  EXPECT_FALSE(placement.dispatcher_shares_core);
  EXPECT_THAT(placement.notes, IsEmpty());
  EXPECT_EQ(Own("list:4", Small(), 1).dispatcher.ToList(), "6-7");
  EXPECT_EQ(Own("compact", Small(), 2).dispatcher.ToList(), "4-5");
}

TEST(DispatcherOwn, MovesWorkersWhenTheyLeaveNoCore) {
  const Placement placement = Own("compact", Small(), 2, 2);
  EXPECT_THAT(Lists(placement), ElementsAre("0-1", "2,4"));
  EXPECT_EQ(placement.dispatcher.ToList(), "6-7");
  EXPECT_FALSE(placement.dispatcher_shares_core);
  EXPECT_THAT(Lists(Own("package", Small(), 1, 1, Width::kObject)), ElementsAre("0-5"));
}

TEST(DispatcherOwn, SaysThatItLeavesTooFewPus) {
  const Placement placement = Own("compact", Small(), 2, 4);
  EXPECT_TRUE(placement.oversubscribed);
  EXPECT_EQ(placement.dispatcher.ToList(), "6-7");
  EXPECT_THAT(placement.notes, ElementsAre(HasSubstr("leaves too few")));
}

TEST(DispatcherOwn, SharesACoreWhenWorkersHaveAll) {
  const Placement placement = Own("compact", Small(), 4);
  EXPECT_THAT(Lists(placement), ElementsAre("0", "2", "4", "6"));
  EXPECT_EQ(placement.dispatcher.ToList(), "1");
  EXPECT_TRUE(placement.dispatcher_shares_core);
  EXPECT_THAT(placement.notes, ElementsAre(HasSubstr("no core is left")));
}

TEST(DispatcherOwn, SharesThePuLeastUsed) {
  const Placement placement = Own("compact", Small(), 9);
  EXPECT_EQ(placement.dispatcher.ToList(), "1");  // worker 8 sits with worker 0 on CPU 0
  EXPECT_TRUE(placement.dispatcher_shares_core);
}

TEST(DispatcherOwn, DoesNotMoveExplicitCpusNorBreakPpr) {
  const Placement list = Own("list:0-7", Small(), 1, 8);
  EXPECT_THAT(Lists(list), ElementsAre("0-7"));
  EXPECT_TRUE(list.dispatcher_shares_core);
  Topology topology;  // the last core is the last cache's only one
  topology.pus = {{0, 0, 0}, {1, 1, 0}, {2, 2, 1}};
  const Placement ppr = Own("ppr:1:l3", topology, 2, 2);
  EXPECT_EQ(ppr.workers.size(), 2U);
  EXPECT_TRUE(ppr.dispatcher_shares_core);
}

TEST(DispatcherOwn, OfUnboundWorkersIsTheLastCore) {
  const Placement none = Own("none", Small(), 1);
  EXPECT_EQ(none.dispatcher.ToList(), "6-7");
  EXPECT_TRUE(none.dispatcher_shares_core);
  EXPECT_THAT(none.notes, ElementsAre(HasSubstr("not kept off")));
  const Placement modulo = Own("modulo", Small(), 2);
  EXPECT_EQ(modulo.dispatcher.ToList(), "6-7");
  EXPECT_FALSE(modulo.dispatcher_shares_core);
}

TEST(DispatcherBeside, TakesASiblingOfWorkerZero) {
  const Placement placement = Beside("compact", Small(), 2);
  EXPECT_EQ(placement.dispatcher.ToList(), "1");
  EXPECT_TRUE(placement.dispatcher_shares_core);
  EXPECT_EQ(Beside("list:0-1,2", Small(), 1, 3).dispatcher.ToList(), "3");
}

TEST(DispatcherBeside, TakesASiblingOnAnyOfWorkerZerosCores) {
  EXPECT_EQ(Beside("list:0-1,6", Small(), 1, 3).dispatcher.ToList(), "7");
}

TEST(DispatcherBeside, TakesTheNearestPuWithoutASibling) {
  const Placement placement = Beside("compact", Small(), 1, 1, Width::kCore);
  EXPECT_EQ(placement.dispatcher.ToList(), "2");
  EXPECT_FALSE(placement.dispatcher_shares_core);
  EXPECT_EQ(Beside("list:6", Synthetic("package:2 core:4 pu:1"), 1).dispatcher.ToList(), "4");
}

TEST(DispatcherBeside, SharesWithWorkerZeroAtLast) {
  const Placement placement = Beside("compact", Small(), 4, 2);
  EXPECT_EQ(placement.dispatcher, placement.workers[0].cpus);
  EXPECT_TRUE(placement.dispatcher_shares_core);
  EXPECT_THAT(placement.notes, Contains(HasSubstr("those of worker 0")));
  EXPECT_EQ(Beside("none", Small(), 1).dispatcher.ToList(), "0-1");
}

}  // namespace
}  // namespace coresweep
