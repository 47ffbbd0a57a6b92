#include "harness/core/scaling_cause.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/example_sweep.h"

namespace coresweep {
namespace {

using example::GoodMeasurement;
using example::kWindowBeginNs;
using example::kWindowEndNs;
using example::MakeCell;
using example::SweepBuilder;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int64_t kUs = 1000;
constexpr int64_t kMs = 1'000'000;

/// Chunks of one item that take `compute_us`, one after the other through the window.
void AddSamples(TrialMeasurement& measurement, int64_t compute_us) {
  for (int64_t at = kWindowBeginNs; at < kWindowEndNs; at += 50 * kMs)
    measurement.samples.push_back({0, 0, 1, at, at, at + compute_us * kUs, at + compute_us * kUs});
}

/// 10 ms a chunk of one item: serial 100 items/s; two workers give `items_per_s`, each chunk taking
/// `compute_us`. Nothing else is known of them.
class Slow {
 public:
  explicit Slow(double items_per_s = 150, int64_t compute_us = 10'000) {
    const int serial = builder_.AddCell(One(MakeCell(Mode::kSerial, 1)));
    builder_.AddTrial(serial, 0, GoodMeasurement(100));
    AddSamples(builder_.LastMeasurement(), 10'000);
    builder_.LastMeasurement().workers = {Counting()};
    const int cell = builder_.AddCell(One(MakeCell(Mode::kProcesses, 2)));
    builder_.AddTrial(cell, 0, GoodMeasurement(items_per_s));
    AddSamples(trial(), compute_us);
    trial().workers = {Counting(), Counting()};
    trial().dispatcher = DispatcherUse{};
    trial().dispatcher->cpu_ns = 10 * kMs;
    trial().dispatcher->wall_ns = 500 * kMs;
    trial().chunks = 100;
  }
  TrialMeasurement& trial() { return builder_.LastMeasurement(); }
  TrialMeasurement& serial() { return builder_.sweep().trials[0].measurement; }
  PlannedCell& planned() { return builder_.sweep().plan.cells[1]; }
  HostFacts& facts() { return builder_.sweep().facts; }

  [[nodiscard]] std::vector<ScalingCause> Causes() {
    return SummarizeCell(builder_.sweep(), 1).causes;
  }
  std::vector<std::string> Names() {
    std::vector<std::string> names;
    for (const ScalingCause& cause : Causes())
      names.push_back(cause.name);
    return names;
  }

 private:
  static Cell One(Cell cell) {
    cell.chunk = 1;
    return cell;
  }
  static WorkerMeasurement Counting() {
    WorkerMeasurement worker;
    worker.items_in_window = 37;
    worker.use.interval_ns = 500 * kMs;
    worker.use.cpu_ns = 400 * kMs;
    worker.use.cycles = 1'200'000'000;
    worker.use.instructions = 2'400'000'000;
    return worker;
  }
  SweepBuilder builder_;
};

TEST(FindCauses, HasNoneForACellThatScalesWellAndForSerial) {
  EXPECT_TRUE(Slow(185).Causes().empty());
  Slow bad(100);
  EXPECT_FALSE(bad.Causes().empty());
  SweepBuilder builder;
  builder.AddMeasured(MakeCell(Mode::kSerial, 1), {100});
  EXPECT_TRUE(SummarizeCell(builder.sweep(), 0).causes.empty());
}

TEST(FindCauses, Quota) {
  Slow cell(195, 10'000);
  cell.trial().items_in_window = 89;  // 178 items/s: efficiency 0.89, always computing
  cell.trial().system.throttle = ThrottleDelta{10, 3, 0};
  cell.facts().cpu_quota = Limit<double>{1.5, "cpu.max"};
  EXPECT_THAT(cell.Names(), ElementsAre("quota", "transport"));
  EXPECT_EQ(cell.Causes()[0].evidence,
            "throttled in 30 % of periods: 2 workers × threads under a quota of 1.5 CPUs");
  EXPECT_EQ(cell.Causes()[0].remedy, "use at most 1 workers × threads, or raise the quota");
}

TEST(FindCauses, Throttling) {
  Slow cell(150, 13'000);
  cell.trial().system.throttle = ThrottleDelta{10, 1, 0};
  cell.facts().cpu_quota = Limit<double>{2, "cpu.max"};
  // The longer time of a chunk needs no cause of its own.
  EXPECT_THAT(cell.Names(), ElementsAre("throttling"));
  EXPECT_THAT(cell.Causes()[0].evidence, HasSubstr("throttled in 10 % of periods, though"));
  cell.trial().system.throttle = ThrottleDelta{100, 5, 0};
  EXPECT_THAT(cell.Names(), ElementsAre("unknown"));
}

TEST(FindCauses, Oversubscription) {
  Slow cell(150, 13'000);
  cell.planned().placement.oversubscribed = true;
  EXPECT_THAT(cell.Names(), ElementsAre("oversubscription"));
  EXPECT_THAT(cell.Causes()[0].evidence, HasSubstr("2 workers × threads take turns"));
}

TEST(FindCauses, ForeignLoad) {
  Slow cell(150, 13'000);
  // Of 2 × 500 ms ours are 2 × 400 and the dispatcher's 10; two ticks of 10 ms are in doubt.
  cell.trial().system.interval_ns = 500 * kMs;
  cell.trial().system.cpus = 2;
  cell.trial().system.busy_ns = 910 * kMs;
  EXPECT_THAT(cell.Names(), ElementsAre("foreign load"));
  EXPECT_EQ(cell.Causes()[0].evidence, "other programs used 8 % of the allowed CPUs' time");
  cell.trial().system.busy_ns = 850 * kMs;
  EXPECT_THAT(cell.Names(), ElementsAre("unknown"));
  cell.trial().system.steal_ns = 80 * kMs;
  EXPECT_THAT(cell.Causes()[0].evidence, HasSubstr("the hypervisor gave 8 %"));
}

TEST(FindCauses, DispatcherSaturated) {
  Slow cell(150);
  cell.trial().dispatcher->cpu_ns = 460 * kMs;
  EXPECT_THAT(cell.Names(), ElementsAre("dispatcher saturated"));
  EXPECT_EQ(cell.Causes()[0].evidence, "the dispatcher computed 92 % of the time");
  cell.planned().cell.wait = Wait::kSpin;  // then it always runs, and that says nothing
  EXPECT_THAT(cell.Names(), ElementsAre("transport"));
}

TEST(FindCauses, HeadOfLine) {
  Slow cell(150);
  cell.trial().ordering.head_of_line_ns = 600 * kMs;
  EXPECT_THAT(cell.Names(), ElementsAre("head of line"));
  EXPECT_EQ(cell.Causes()[0].evidence,
            "a chunk that has come waits 6000 us for earlier ones, and takes 10000 us to compute; "
            "workers compute 75 % of the time");
  cell.trial().ordering.head_of_line_ns = 400 * kMs;
  EXPECT_THAT(cell.Names(), ElementsAre("transport"));
}

TEST(FindCauses, Imbalance) {
  Slow cell(150);
  cell.trial().workers[0].items_in_window = 50;
  cell.trial().workers[1].items_in_window = 25;
  EXPECT_THAT(cell.Names(), ElementsAre("imbalance"));
  EXPECT_EQ(cell.Causes()[0].evidence, "one worker did 50 % of the items of another");
}

TEST(FindCauses, Transport) {
  Slow cell(150);
  EXPECT_THAT(cell.Names(), ElementsAre("transport"));
  EXPECT_EQ(cell.Causes()[0].evidence,
            "workers compute 75 % of the time and wait for chunks to travel the rest");
}

TEST(FindCauses, MemoryBandwidth) {
  Slow cell(150, 13'000);  // workers compute 97.5 % of the time
  for (WorkerMeasurement& worker : cell.trial().workers)
    worker.use.instructions = 1'800'000'000;
  EXPECT_THAT(cell.Names(), ElementsAre("memory bandwidth"));
  EXPECT_EQ(cell.Causes()[0].evidence,
            "a chunk takes 13000 us to compute, 10000 us in one process; instructions per cycle "
            "fell to 75 %");
}

TEST(FindCauses, MemoryBandwidthWithoutCountersSaysSo) {
  Slow cell(150, 13'000);
  cell.trial().workers[0].use.instructions.reset();
  EXPECT_THAT(cell.Causes()[0].evidence, HasSubstr("; no counter of instructions tells more"));
}

TEST(FindCauses, Clock) {
  Slow cell(150, 13'000);
  for (WorkerMeasurement& worker : cell.trial().workers) {
    worker.use.cycles = 900'000'000;
    worker.use.instructions = 1'800'000'000;
  }
  EXPECT_THAT(cell.Names(), ElementsAre("clock"));
  EXPECT_THAT(cell.Causes()[0].evidence, HasSubstr("its CPUs ran at 75 % of the clock"));
}

TEST(FindCauses, UnknownWhenNothingExplainsIt) {
  Slow cell(150, 13'000);  // longer at the same clock and as many instructions a cycle
  EXPECT_THAT(cell.Names(), ElementsAre("unknown"));
}

}  // namespace
}  // namespace coresweep
