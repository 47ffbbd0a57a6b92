#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/core/cell_verdict.h"
#include "tests/support/example_sweep.h"

namespace coresweep {
namespace {

using example::BadMeasurement;
using example::GoodMeasurement;
using example::GoodWorker;
using example::MakeCell;
using example::SweepBuilder;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

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

TEST(Warnings, AreNoneWhenAllIsAsAskedFor) {
  EXPECT_THAT(WarningsWith(GoodWorker(0)), IsEmpty());
}

TEST(Warnings, NameThreadsThatSatElsewhere) {
  WorkerMeasurement moved = GoodWorker(1);
  moved.at_end.thread_cpus = moved.after_warmup.thread_cpus = {"0-1"};
  EXPECT_THAT(WarningsWith(moved),
              ElementsAre(HasSubstr("worker 1 ran thread 0 on CPUs 0-1 instead of 0:")));
  EXPECT_THAT(WarningsWith(moved, Mode::kThreads), SizeIs(1));
}

TEST(Warnings, NameThreadsThatWereMovedDuringTheWindow) {
  WorkerMeasurement moved = GoodWorker(1);
  moved.after_warmup.thread_cpus = {"0-3"};
  EXPECT_THAT(WarningsWith(moved),
              ElementsAre(HasSubstr("on CPUs 0-3 after warm-up and 0 at the end")));
}

TEST(Warnings, NameAMemoryPolicyThatDidNotHold) {
  WorkerMeasurement worker = GoodWorker(0);
  worker.memory_requested = "bind:0";
  EXPECT_THAT(WarningsWith(worker),
              ElementsAre(HasSubstr("the memory policy default instead of bind:0")));
  worker.at_end.memory_policy = "bind:0";
  EXPECT_THAT(WarningsWith(worker), IsEmpty());
}

TEST(Warnings, NameMemoryThatCouldNotBeBoundWhereThereAreSeveralNodes) {
  SweepBuilder builder;
  builder.sweep().plan.config.repetitions = 1;
  builder.AddMeasured(MakeCell(Mode::kProcesses, 1), {100});
  WorkerMeasurement worker = GoodWorker(0);
  worker.memory_requested = "first touch: set_mempolicy: EPERM";
  builder.LastMeasurement().workers = {worker};
  CellResult cell;
  cell.repetitions = 1;
  EXPECT_THAT(CellWarnings(builder.sweep(), cell), IsEmpty());
  builder.sweep().facts.topology.numa_nodes = {{0, 1, {0}}, {1, 1, {1}}};
  EXPECT_THAT(CellWarnings(builder.sweep(), cell), ElementsAre(HasSubstr("CAP_SYS_NICE")));
}

TEST(Warnings, NameADispatcherThatSatElsewhere) {
  SweepBuilder builder;
  builder.AddTrial(builder.AddCell(MakeCell(Mode::kProcesses, 1)), 0, GoodMeasurement(100));
  builder.sweep().plan.cells[0].placement.dispatcher = {1};
  DispatcherUse use;
  use.cpus_effective = "1";
  builder.LastMeasurement().dispatcher = use;
  EXPECT_THAT(CellWarnings(builder.sweep(), CellResult{}), IsEmpty());
  builder.LastMeasurement().dispatcher->cpus_effective = "0-1";
  EXPECT_THAT(CellWarnings(builder.sweep(), CellResult{}),
              ElementsAre(HasSubstr("dispatcher ran on CPUs 0-1 instead of 1")));
}

TEST(Warnings, HoldTheNotesOfThePlacement) {
  SweepBuilder builder;
  builder.AddCell(MakeCell(Mode::kProcesses, 1));
  builder.sweep().plan.cells[0].placement.notes = {"no L3 here: NUMA nodes instead"};
  EXPECT_THAT(CellWarnings(builder.sweep(), CellResult{}),
              ElementsAre("no L3 here: NUMA nodes instead"));
}

TEST(Warnings, NameAThreadCountThatTheModelChanged) {
  WorkerMeasurement worker = GoodWorker(0);
  worker.runtime_at_end.intra_op_threads = 3;
  EXPECT_THAT(WarningsWith(worker),
              ElementsAre(HasSubstr("1 intra-op threads after warm-up and 3")));
}

TEST(Warnings, DoNotTakeWhatWasNotReadBackForADifference) {
  WorkerMeasurement unread = GoodWorker(0);
  unread.cpus_effective.clear();
  unread.cpus_after_warmup.clear();
  unread.at_end = unread.after_warmup = {};
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
      worker.at_end.thread_cpus = worker.after_warmup.thread_cpus = {"0-1"};
      trial.measurement.workers.push_back(worker);
    }
  }
  CellResult cell;
  cell.repetitions = 2;
  EXPECT_THAT(CellWarnings(builder.sweep(), cell),
              ElementsAre(HasSubstr("workers 0, 1 ran thread 0 on CPUs 0-1")));
}

TEST(Warnings, BeginAboveTwoPercentOfChecking) {
  EXPECT_THAT(WarningsWith(DispatcherUse{0, 1000, 20, 0, ""}), IsEmpty());
  EXPECT_THAT(WarningsWith(DispatcherUse{0, 1000, 31, 0, ""}),
              ElementsAre(HasSubstr("3.1 % of the dispatcher's time: use a larger chunk")));
}

TEST(Warnings, BeginAboveTenPercentOfACoreForTheDispatcher) {
  EXPECT_THAT(WarningsWith(DispatcherUse{100, 1000, 0, 0, ""}), IsEmpty());
  EXPECT_THAT(WarningsWith(DispatcherUse{230, 1000, 0, 0, ""}),
              ElementsAre(HasSubstr("used 23 % of a core: use a larger chunk")));
}

std::vector<std::string> WarningsWith(std::vector<Replacement> replacements) {
  SweepBuilder builder;
  builder.AddTrial(builder.AddCell(MakeCell(Mode::kProcesses, 2)), 0, GoodMeasurement(100));
  builder.LastMeasurement().replacements = std::move(replacements);
  return CellWarnings(builder.sweep(), CellResult{});
}

TEST(Warnings, NameAReplacedWorkerAndItsChunks) {
  EXPECT_THAT(WarningsWith({{1, 77, 5, "killed by signal 9", {17, 18}}}),
              ElementsAre("worker 1 was replaced once: killed by signal 9; chunks 17, 18 were sent "
                          "again: read the figures as without it for that time"));
  EXPECT_THAT(WarningsWith({{0, 77, 5, "ended with 1", {3}}}),
              ElementsAre(HasSubstr("ended with 1; chunk 3 was sent again")));
  EXPECT_THAT(WarningsWith({{0, 77, 5, "ended with 1", {}}}),
              ElementsAre(HasSubstr("; no chunk had to be sent again")));
}

TEST(Warnings, CountReplacementsOfOneWorkerAndShortenManyChunks) {
  const Replacement first{1, 77, 5, "killed by signal 9", {1, 2, 3, 4, 5, 6}};
  const Replacement second{1, 78, 6, "killed by signal 9", {7, 8, 9, 10}};
  const Replacement other{0, 79, 7, "killed by signal 11", {}};
  EXPECT_THAT(WarningsWith({first, other, second}),
              ElementsAre(HasSubstr("worker 0 was replaced once: killed by signal 11;"),
                          HasSubstr("worker 1 was replaced 2 times: killed by signal 9; chunks 1, "
                                    "2, 3, 4, 5, 6, 7, 8 and 2 more were sent again")));
}

TEST(Warnings, NameOversubscription) {
  SweepBuilder builder;
  builder.AddCell(MakeCell(Mode::kProcesses, 2, 2), true);
  EXPECT_THAT(CellWarnings(builder.sweep(), CellResult{}),
              ElementsAre("4 workers × threads share 2 usable CPUs: use at most 2"));
}

TEST(Warnings, DoNotBlameTheCountWhereThePlacementMakesThreadsShare) {
  SweepBuilder builder;
  builder.AddCell(MakeCell(Mode::kProcesses, 1, 2), true);  // two threads, two usable CPUs
  EXPECT_THAT(CellWarnings(builder.sweep(), CellResult{}),
              ElementsAre(HasSubstr("threads share CPUs although 2 are usable for 2: placement")));
}

TEST(Warnings, SayWhenThreadsCouldNotBeReachedOneByOne) {
  WorkerMeasurement worker = GoodWorker(0);
  worker.threads_requested = 2;
  worker.runtime.intra_op_threads = worker.runtime.blas_threads = 2;
  EXPECT_THAT(WarningsWith(worker), ElementsAre(HasSubstr("let 1 of its 2 threads be reached")));
  worker.at_end.thread_cpus = worker.after_warmup.thread_cpus = {"0", "0"};
  EXPECT_THAT(WarningsWith(worker), IsEmpty());
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
