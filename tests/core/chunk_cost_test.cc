#include "harness/core/chunk_cost.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/example_sweep.h"

namespace coresweep {
namespace {

using testing::HasSubstr;

/// A worker that was 4 chunks of 2 items busy in a window of 500 ms, read over twice that.
WorkerMeasurement Worker(int64_t cpu_ns) {
  WorkerMeasurement worker;
  worker.chunks = 40;
  worker.items = 80;
  worker.items_in_window = 8;
  worker.use.interval_ns = 1'000'000'000;
  worker.use.cpu_ns = cpu_ns;
  worker.use.voluntary_switches = 16;
  worker.use.involuntary_switches = 4;
  return worker;
}

TrialMeasurement TrialOf(std::vector<WorkerMeasurement> workers) {
  TrialMeasurement trial = example::GoodMeasurement(32);
  trial.workers = std::move(workers);
  return trial;
}

TEST(ChunkCost, OfWorkersIsTheRatioOfTheRates) {
  const TrialMeasurement trial = TrialOf({Worker(800'000), Worker(2'400'000)});
  const std::vector<const TrialMeasurement*> trials{&trial};
  const ChunkCost cost = WorkerChunkCost(trials);
  // 8 chunks a second each; together 3.2 ms, 32 and 8 switches a second.
  EXPECT_DOUBLE_EQ(cost.cpu_us->median, 200);
  EXPECT_DOUBLE_EQ(cost.voluntary_switches->median, 2);
  EXPECT_DOUBLE_EQ(cost.involuntary_switches->median, 0.5);
  EXPECT_FALSE(cost.wakeups);
  EXPECT_EQ(cost.why_null, "");
}

TEST(ChunkCost, IsSpreadOverTheTrialsThatHaveIt) {
  const TrialMeasurement first = TrialOf({Worker(800'000)});
  const TrialMeasurement second = TrialOf({Worker(1'600'000)});
  const TrialMeasurement third = TrialOf({Worker(4'000'000)});
  const TrialMeasurement unread = TrialOf({Worker(9), WorkerMeasurement{}});
  const std::vector<const TrialMeasurement*> trials{&first, &unread, &second, &third};
  const ChunkCost cost = WorkerChunkCost(trials);
  EXPECT_DOUBLE_EQ(cost.cpu_us->low, 100);
  EXPECT_DOUBLE_EQ(cost.cpu_us->median, 200);
  EXPECT_DOUBLE_EQ(cost.cpu_us->high, 500);
}

TEST(ChunkCost, IsNullWithTheReasonWhereNoUseWasReadOrNoChunkAnswered) {
  WorkerMeasurement idle = Worker(800'000);
  idle.chunks = idle.items = 0;
  idle.items_in_window = 0;
  for (const auto& workers : std::vector<std::vector<WorkerMeasurement>>{
           {}, {WorkerMeasurement{}}, {Worker(1), WorkerMeasurement{}}, {idle}}) {
    const TrialMeasurement trial = TrialOf(workers);
    const std::vector<const TrialMeasurement*> trials{&trial};
    const ChunkCost cost = WorkerChunkCost(trials);
    EXPECT_FALSE(cost.cpu_us || cost.voluntary_switches || cost.involuntary_switches);
    EXPECT_THAT(cost.why_null, HasSubstr("use a longer window"));
  }
}

TEST(ChunkCost, OfTheDispatcherIsOverAllChunks) {
  TrialMeasurement trial = example::GoodMeasurement(32);
  trial.chunks = 20;
  trial.dispatcher = DispatcherUse{60'000, 1'000'000, 0, 10, "0", 8, 2};
  const TrialMeasurement without = example::GoodMeasurement(32);
  const std::vector<const TrialMeasurement*> trials{&without, &trial};
  const ChunkCost cost = DispatcherChunkCost(trials);
  EXPECT_DOUBLE_EQ(cost.cpu_us->median, 3);
  EXPECT_DOUBLE_EQ(cost.wakeups->median, 0.5);
  EXPECT_DOUBLE_EQ(cost.voluntary_switches->median, 0.4);
  EXPECT_DOUBLE_EQ(cost.involuntary_switches->median, 0.1);
  EXPECT_EQ(cost.why_null, "");
}

TEST(ChunkCost, OfADispatcherThatMergedNothingIsNullWithTheReason) {
  TrialMeasurement trial = example::GoodMeasurement(32);
  trial.dispatcher = DispatcherUse{60'000, 1'000'000, 0, 10, "0", 8, 2};
  const std::vector<const TrialMeasurement*> trials{&trial};
  EXPECT_FALSE(DispatcherChunkCost(trials).cpu_us);
  EXPECT_NE(DispatcherChunkCost(trials).why_null, "");
}

}  // namespace
}  // namespace coresweep
