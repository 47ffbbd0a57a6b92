#include "harness/core/cell_verdict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/example_sweep.h"

namespace coresweep {
namespace {

using example::BadMeasurement;
using example::GoodMeasurement;
using example::MakeCell;
using example::SweepBuilder;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TrialMeasurement Throttled(int64_t throttled_periods, int64_t periods) {
  TrialMeasurement measurement = GoodMeasurement(100);
  measurement.throttle = ThrottleDelta{periods, throttled_periods, 0};
  return measurement;
}

WorkerMeasurement GoodWorker(int index) {
  WorkerMeasurement worker;
  worker.index = index;
  worker.cpus_requested = worker.cpus_effective = worker.cpus_after_warmup = "0";
  worker.runtime.intra_op_threads = 1;
  worker.runtime.blas_threads = 1;
  return worker;
}

/// One cell of mode `mode` with one good trial by `worker`; its warnings but for the latency's.
std::vector<std::string> WarningsWith(const WorkerMeasurement& worker,
                                      Mode mode = Mode::kProcesses) {
  SweepBuilder builder;
  builder.sweep().plan.config.repetitions = 1;
  builder.AddMeasured(MakeCell(mode, 2), {100});
  builder.LastMeasurement().workers = {worker};
  CellResult cell;
  cell.repetitions = 1;
  return CellWarnings(builder.sweep(), cell);
}

std::vector<std::string> WarningsWith(const DispatcherUse& use) {
  SweepBuilder builder;
  builder.AddTrial(builder.AddCell(MakeCell(Mode::kProcesses, 2)), 0, GoodMeasurement(100));
  builder.LastMeasurement().dispatcher = use;
  return CellWarnings(builder.sweep(), CellResult{});
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
  builder.sweep().interrupted = true;
  EXPECT_EQ(JudgeCell(builder.sweep(), 0).verdict, "interrupted");
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
  EXPECT_EQ(JudgeCell(builder.sweep(), index).reason,
            "throttled in 41 % of periods: use at most 3 workers × threads");
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
  builder.LastMeasurement().throttle = ThrottleDelta{10, 5, 0};
  EXPECT_EQ(JudgeCell(builder.sweep(), index).verdict, "throttled");
}

TEST(Warnings, AreNoneWhenAllIsAsAskedFor) {
  EXPECT_THAT(WarningsWith(GoodWorker(0)), IsEmpty());
}

TEST(Warnings, NameCpusThatDifferAtTheEndOrAfterWarmUp) {
  WorkerMeasurement moved = GoodWorker(1);
  moved.cpus_effective = "0-1";
  EXPECT_THAT(WarningsWith(moved),
              ElementsAre(HasSubstr("worker 1 ran on CPUs 0-1 instead of 0:")));
  WorkerMeasurement rebound = GoodWorker(1);
  rebound.cpus_after_warmup = "0-3";
  EXPECT_THAT(WarningsWith(rebound), ElementsAre(HasSubstr("had threads on CPUs 0-3")));
  EXPECT_THAT(WarningsWith(rebound, Mode::kThreads), IsEmpty());
}

TEST(Warnings, DoNotTakeWhatWasNotReadBackForADifference) {
  WorkerMeasurement unread = GoodWorker(0);
  unread.cpus_effective.clear();
  unread.cpus_after_warmup.clear();
  unread.runtime = {};
  EXPECT_THAT(WarningsWith(unread), IsEmpty());
}

TEST(Warnings, NameThreadsThatDiffer) {
  WorkerMeasurement worker = GoodWorker(0);
  worker.runtime.intra_op_threads = 4;
  EXPECT_THAT(WarningsWith(worker), ElementsAre(HasSubstr("with 4 threads instead of 1:")));
  worker = GoodWorker(0);
  worker.runtime.blas_threads = 2;
  EXPECT_THAT(WarningsWith(worker), ElementsAre(HasSubstr("2 BLAS threads instead of 1:")));
}

TEST(Warnings, SayOnceWhatConcernsSeveralWorkersAndTrials) {
  SweepBuilder builder;
  builder.sweep().plan.config.repetitions = 2;
  builder.AddMeasured(MakeCell(Mode::kProcesses, 2), {100, 100});
  for (TrialResult& trial : builder.sweep().trials) {
    for (const int index : {0, 1}) {
      WorkerMeasurement worker = GoodWorker(index);
      worker.cpus_effective = "0-1";
      trial.measurement.workers.push_back(worker);
    }
  }
  CellResult cell;
  cell.repetitions = 2;
  EXPECT_THAT(CellWarnings(builder.sweep(), cell),
              ElementsAre(HasSubstr("workers 0, 1 ran on CPUs 0-1")));
}

TEST(Warnings, BeginAboveTwoPercentOfChecking) {
  EXPECT_THAT(WarningsWith(DispatcherUse{0, 1000, 20, 0}), IsEmpty());
  EXPECT_THAT(WarningsWith(DispatcherUse{0, 1000, 31, 0}),
              ElementsAre(HasSubstr("3.1 % of the dispatcher's time: use a larger chunk")));
}

TEST(Warnings, BeginAboveTenPercentOfACoreForTheDispatcher) {
  EXPECT_THAT(WarningsWith(DispatcherUse{100, 1000, 0, 0}), IsEmpty());
  EXPECT_THAT(WarningsWith(DispatcherUse{230, 1000, 0, 0}),
              ElementsAre(HasSubstr("used 23 % of a core: use a larger chunk")));
}

TEST(Warnings, NameOversubscription) {
  SweepBuilder builder;
  builder.AddCell(MakeCell(Mode::kProcesses, 2, 2), true);
  EXPECT_THAT(CellWarnings(builder.sweep(), CellResult{}),
              ElementsAre("4 workers × threads share 2 usable CPUs: use at most 2"));
}

TEST(Warnings, NameMissingRepetitionsOnceNoneWillCome) {
  SweepBuilder builder;
  builder.AddMeasured(MakeCell(Mode::kProcesses, 2), {100, 100});
  CellResult cell;
  cell.repetitions = 2;
  EXPECT_THAT(CellWarnings(builder.sweep(), cell), IsEmpty());
  builder.sweep().interrupted = true;
  EXPECT_THAT(CellWarnings(builder.sweep(), cell), ElementsAre(HasSubstr("2 of 3 repetitions")));
}

TEST(Warnings, NameAControlThatIsNotOk) {
  SweepBuilder builder;
  builder.AddMeasured(MakeCell(Mode::kSerial, 1), {50, 100, 150});
  builder.AddTrial(builder.AddCell(MakeCell(Mode::kIndependent, 2)), 0,
                   BadMeasurement(Outcome::kFailed, "died"));
  builder.AddMeasured(MakeCell(Mode::kProcesses, 2), {180, 180, 180});
  const auto warnings = SummarizeCell(builder.sweep(), 2).warnings;
  EXPECT_THAT(warnings, Contains("its speedup rests on serial/w1/t1/compact/c8, which is unstable: "
                                 "mend that cell first"));
  EXPECT_THAT(warnings, Contains(HasSubstr("its dispatch efficiency rests on independent/w2")));
}

TEST(Warnings, HoldThoseOfTheLatencyAndOfTheTrialsOnce) {
  SweepBuilder builder;
  builder.AddMeasured(MakeCell(Mode::kSerial, 1), {100, 100, 100});
  for (TrialResult& trial : builder.sweep().trials)
    trial.measurement.warnings = {"the clock is slow: use another"};
  EXPECT_THAT(
      SummarizeCell(builder.sweep(), 0).warnings,
      ElementsAre(HasSubstr("latency: no chunk was sampled"), "the clock is slow: use another"));
}

}  // namespace
}  // namespace coresweep
