#include "harness/core/cell_verdict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/open_load_sweep.h"

namespace coresweep {
namespace {

using example::BadMeasurement;
using example::GoodMeasurement;
using example::GoodWorker;
using example::MakeCell;
using example::SweepBuilder;
using ::testing::HasSubstr;

TrialMeasurement Throttled(int64_t throttled_periods, int64_t periods) {
  TrialMeasurement measurement = GoodMeasurement(100);
  measurement.system.throttle = ThrottleDelta{periods, throttled_periods, 0};
  return measurement;
}

TEST(Verdict, IsOkWithoutAReason) {
  SweepBuilder builder = example::TypicalSweep();
  const Judgement judgement = JudgeCell(builder.sweep(), 2);
  EXPECT_EQ(judgement.verdict, "ok");
  EXPECT_EQ(judgement.reason, "");
}

TEST(Verdict, IsTheWorstOverAllTrials) {
  const std::vector<Outcome> worst_last = {Outcome::kOk,         Outcome::kInterrupted,
                                           Outcome::kTimedOut,   Outcome::kFailed,
                                           Outcome::kDisordered, Outcome::kIncorrect};
  for (size_t worst = 1; worst < worst_last.size(); ++worst) {
    for (size_t other = 0; other < worst; ++other) {
      SweepBuilder builder;
      const int index = builder.AddCell(MakeCell(Mode::kProcesses, 2));
      builder.AddTrial(index, 0, BadMeasurement(worst_last[worst], "why"));
      builder.AddTrial(index, 1, BadMeasurement(worst_last[other], "another"));
      const Judgement judgement = JudgeCell(builder.sweep(), index);
      EXPECT_EQ(judgement.verdict, ToString(worst_last[worst]));
      EXPECT_EQ(judgement.reason, "why");
    }
  }
}

TEST(Verdict, TellsTheMessageOfTheLatestSuchTrial) {
  SweepBuilder builder;
  const int index = builder.AddCell(MakeCell(Mode::kProcesses, 2));
  builder.AddTrial(index, 0, BadMeasurement(Outcome::kFailed, "first"))
      .AddTrial(index, 1, BadMeasurement(Outcome::kFailed, "second"))
      .AddTrial(index, 2, GoodMeasurement(10));
  EXPECT_EQ(JudgeCell(builder.sweep(), index).reason, "second");
}

TEST(Verdict, HasAReasonAlsoWhenTheTrialGaveNone) {
  SweepBuilder builder;
  const int index = builder.AddCell(MakeCell(Mode::kProcesses, 2));
  builder.AddTrial(index, 0, BadMeasurement(Outcome::kFailed, ""));
  EXPECT_THAT(JudgeCell(builder.sweep(), index).reason, HasSubstr("see 'trials'"));
}

TEST(Verdict, OfACellWithoutATrialDependsOnWhetherTheSweepGoesOn) {
  SweepBuilder builder;
  builder.AddCell(MakeCell(Mode::kProcesses, 2));
  EXPECT_EQ(JudgeCell(builder.sweep(), 0).verdict, "pending");
  EXPECT_THAT(JudgeCell(builder.sweep(), 0).reason, HasSubstr("let the sweep come to its end"));
  builder.sweep().ended_by = "the time budget of 10 min";
  EXPECT_EQ(JudgeCell(builder.sweep(), 0).verdict, "pending");
  EXPECT_EQ(
      JudgeCell(builder.sweep(), 0).reason,
      "the time budget of 10 min ended before it: go on with `coresweep run --resume REPORT`");
  builder.sweep().interrupted = true;
  EXPECT_EQ(JudgeCell(builder.sweep(), 0).verdict, "interrupted");
  EXPECT_THAT(JudgeCell(builder.sweep(), 0).reason, HasSubstr("--resume"));
}

TEST(Throttled, BeginsAboveFivePercentOfPeriods) {
  SweepBuilder builder;
  const int index = builder.AddCell(MakeCell(Mode::kProcesses, 2));
  builder.AddTrial(index, 0, Throttled(5, 100));
  EXPECT_EQ(JudgeCell(builder.sweep(), index).verdict, "ok");
  builder.AddTrial(index, 1, Throttled(6, 100));
  EXPECT_EQ(JudgeCell(builder.sweep(), index).verdict, "throttled");
}

TEST(Throttled, NamesFiguresAndTheProcessorsThatTheQuotaHolds) {
  SweepBuilder builder;
  builder.sweep().facts.cpu_quota = Limit<double>{3.7, "cpu.max"};
  const int index = builder.AddCell(MakeCell(Mode::kProcesses, 4));
  builder.AddTrial(index, 0, Throttled(41, 100));
  EXPECT_EQ(
      JudgeCell(builder.sweep(), index).reason,
      "throttled in 41 % of periods: 3 threads fit the quota of 3.7 CPUs; use at most 3 workers × "
      "threads");
}

TEST(Throttled, AdvisesOneProcessorAtLeast) {
  SweepBuilder builder;
  builder.sweep().facts.cpu_quota = Limit<double>{0.5, "cpu.max"};
  const int index = builder.AddCell(MakeCell(Mode::kProcesses, 2));
  builder.AddTrial(index, 0, Throttled(41, 100));
  EXPECT_THAT(JudgeCell(builder.sweep(), index).reason, HasSubstr("at most 1 workers"));
}

TEST(Throttled, AdvisesMoreQuotaWhereFewerWorkersCannotHelp) {
  SweepBuilder builder;
  builder.sweep().facts.cpu_quota = Limit<double>{0.5, "cpu.max"};
  const int index = builder.AddCell(MakeCell(Mode::kSerial, 1));
  builder.AddTrial(index, 0, Throttled(41, 100));
  EXPECT_THAT(JudgeCell(builder.sweep(), index).reason,
              HasSubstr("raise the CPU quota, now 0.5 CPUs"));
}

TEST(Unstable, NeedsThreeRepetitionsAndASpreadAboveAFifthOfTheMedian) {
  SweepBuilder builder;
  const int two = builder.AddMeasured(MakeCell(Mode::kProcesses, 2), {100, 200});
  const int edge = builder.AddMeasured(MakeCell(Mode::kProcesses, 3), {90, 100, 110});
  const int wide = builder.AddMeasured(MakeCell(Mode::kProcesses, 4), {90, 100, 111});
  EXPECT_EQ(JudgeCell(builder.sweep(), two).verdict, "ok");
  EXPECT_EQ(JudgeCell(builder.sweep(), edge).verdict, "ok");
  EXPECT_EQ(JudgeCell(builder.sweep(), wide).verdict, "unstable");
  EXPECT_THAT(JudgeCell(builder.sweep(), wide).reason,
              HasSubstr("21 % of its median over 3 repetitions: use"));
}

TEST(Unstable, GivesWayToThrottled) {
  SweepBuilder builder;
  const int index = builder.AddMeasured(MakeCell(Mode::kProcesses, 2), {50, 100, 150});
  builder.LastMeasurement().system.throttle = ThrottleDelta{10, 5, 0};
  EXPECT_EQ(JudgeCell(builder.sweep(), index).verdict, "throttled");
}

/// A good trial in which the hypervisor took `steal_ms` of 1,000 ms of CPU time.
TrialMeasurement Stolen(int64_t steal_ms) {
  TrialMeasurement measurement = GoodMeasurement(100);
  measurement.system.interval_ns = 500'000'000;
  measurement.system.cpus = 2;
  measurement.system.steal_ns = steal_ms * 1'000'000;
  return measurement;
}

TEST(Stolen, BeginsAboveFivePercentInTheMedianTrial) {
  SweepBuilder builder;
  const int index = builder.AddCell(MakeCell(Mode::kProcesses, 2));
  builder.AddTrial(index, 0, Stolen(50)).AddTrial(index, 1, Stolen(900));
  builder.AddTrial(index, 2, Stolen(0));
  EXPECT_EQ(JudgeCell(builder.sweep(), index).verdict, "ok");
  builder.AddTrial(index, 3, Stolen(60)).AddTrial(index, 4, Stolen(70));
  const Judgement judgement = JudgeCell(builder.sweep(), index);
  EXPECT_EQ(judgement.verdict, "stolen");
  EXPECT_THAT(judgement.reason, HasSubstr("6 % of the time of the allowed CPUs"));
}

TEST(Stolen, IsNotJudgedWhereStealCannotBeRead) {
  SweepBuilder builder;
  const int index = builder.AddCell(MakeCell(Mode::kProcesses, 2));
  TrialMeasurement unread = Stolen(900);
  unread.system.steal_ns.reset();
  builder.AddTrial(index, 0, unread);
  EXPECT_EQ(JudgeCell(builder.sweep(), index).verdict, "ok");
}

TEST(Migrated, BeginsAboveAHundredASecondOfTheWorstWorker) {
  for (const auto& [migrations, verdict] : {std::pair(50, "ok"), std::pair(51, "migrated")}) {
    SweepBuilder builder;
    const int index = builder.AddCell(MakeCell(Mode::kProcesses, 2));
    TrialMeasurement measurement = GoodMeasurement(100);
    measurement.workers = {GoodWorker(0), GoodWorker(1)};
    measurement.workers[1].use.interval_ns = 500'000'000;
    measurement.workers[1].use.migrations = migrations;
    builder.AddTrial(index, 0, measurement);
    EXPECT_EQ(JudgeCell(builder.sweep(), index).verdict, verdict) << migrations;
  }
}

TEST(Displaced, IsACellWithAThreadElsewhereInAnyTrial) {
  SweepBuilder builder;
  builder.sweep().facts.system.environment = {{"OMP_PROC_BIND", "close"}, {"OMP_WAIT_POLICY", "x"}};
  const int index = builder.AddCell(MakeCell(Mode::kProcesses, 1));
  TrialMeasurement measurement = GoodMeasurement(100);
  measurement.workers = {GoodWorker(0)};
  builder.AddTrial(index, 0, measurement);
  EXPECT_EQ(JudgeCell(builder.sweep(), index).verdict, "ok");
  measurement.workers[0].at_end.thread_cpus = {"1"};
  builder.AddTrial(index, 1, measurement);
  const Judgement judgement = JudgeCell(builder.sweep(), index);
  EXPECT_EQ(judgement.verdict, "displaced");
  EXPECT_EQ(judgement.reason,
            "worker 0 ran thread 0 on CPUs 1 instead of 0: OpenMP binds its threads itself, as "
            "told by OMP_PROC_BIND=close; unset that");
}

TEST(TrialWarnings, JudgeTheTrialByItself) {
  SweepBuilder builder;
  const int index = builder.AddCell(MakeCell(Mode::kProcesses, 2));
  builder.AddTrial(index, 0, GoodMeasurement(100)).AddTrial(index, 1, Throttled(41, 100));
  builder.LastMeasurement().warnings = {"the clock is slow: use another"};
  const auto& trials = builder.sweep().trials;
  EXPECT_THAT(TrialWarnings(builder.sweep(), trials[0]), testing::IsEmpty());
  EXPECT_THAT(TrialWarnings(builder.sweep(), trials[1]),
              testing::ElementsAre("the clock is slow: use another",
                                   HasSubstr("throttled: throttled in 41 % of periods")));
}

TEST(Verdict, IsSaturatedWhereHalfOfTheRepetitionsCouldNotKeepUp) {
  SweepBuilder builder;
  const int index = builder.AddCell(example::OpenCell(1000));
  builder.AddTrial(index, 0, example::OpenMeasurement(1000, 500));
  EXPECT_EQ(JudgeCell(builder.sweep(), index).verdict, "ok");
  builder.AddTrial(index, 1, example::OpenMeasurement(1000, 100, 50));
  const Judgement judgement = JudgeCell(builder.sweep(), index);
  EXPECT_EQ(judgement.verdict, "saturated");
  EXPECT_THAT(judgement.reason, HasSubstr("50 never issued"));
  builder.AddTrial(index, 2, example::OpenMeasurement(1000, 500));
  EXPECT_EQ(JudgeCell(builder.sweep(), index).verdict, "ok");
}

TEST(Verdict, UnderOpenLoadIsNotUnstableBecauseArrivalsDiffer) {
  SweepBuilder builder;
  const int index = builder.AddCell(example::OpenCell(1000));
  for (const int64_t computed : {499, 500, 900})
    builder.AddTrial(index, 0, example::OpenMeasurement(1000, computed));
  EXPECT_EQ(JudgeCell(builder.sweep(), index).verdict, "ok");
}

}  // namespace
}  // namespace coresweep
