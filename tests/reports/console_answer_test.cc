#include "reports/console_answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/example_sweep.h"

namespace coresweep {
namespace {

using example::BadMeasurement;
using example::MakeCell;
using example::SweepBuilder;
using example::TypicalSweep;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::vector<std::string> Answer(const SweepResult& sweep) {
  const auto cells = SummarizeCells(sweep);
  return AnswerLines(sweep, cells, BestCell(sweep, cells));
}

TEST(Answer, SaysWhatToUseAndWhatItGains) {
  EXPECT_THAT(
      Answer(TypicalSweep().sweep()),
      ElementsAre(
          "Use 2 workers × 1 thread, placement compact, chunk 8, transport shm: 192 "
          "items/s, 1.92 × one process (range 1.90–1.94 over 3 repetitions; an interval takes "
          "6). All answers in order and equal to the serial reference."));
}

TEST(Answer, GivesAnIntervalWithItsMethodOnceThereAreEnoughRepetitions) {
  SweepBuilder builder;
  builder.AddMeasured(example::MakeCell(Mode::kSerial, 1), {100, 100, 100, 100, 100, 100});
  builder.AddMeasured(example::MakeCell(Mode::kProcesses, 2), {192, 190, 194, 191, 193, 192});
  EXPECT_THAT(Answer(builder.sweep())[0],
              HasSubstr("1.92 × one process (interval 1.90–1.94 over 6 repetitions, order "
                        "statistics, 96.8 %)."));
}

TEST(Answer, NamesAxesOfTheDispatcherThatAreNotTheDefault) {
  SweepBuilder builder = TypicalSweep();
  EXPECT_THAT(Answer(builder.sweep())[0], HasSubstr("transport shm: "));
  Cell& cell = builder.sweep().plan.cells[2].cell;
  cell.dispatch = Dispatch::kStatic;
  cell.credit = 4;
  cell.wait = Wait::kSpin;
  EXPECT_THAT(Answer(builder.sweep())[0],
              HasSubstr("transport shm, dispatch static, credit 4, wait spin: "));
}

TEST(Answer, TellsWhatAChunkCostsAndWhatItsOrderDoes) {
  SweepResult sweep = example::FullSweep();
  EXPECT_EQ(
      Answer(sweep)[1],
      "CPU time of each chunk: 84.3 ms of its worker (2.41 voluntary switches) and 208 µs of the "
      "dispatcher (2.00 wake-ups). For the order it waits 52.1 µs on average, at "
      "most 2 chunks at a time.");
  sweep.trials[2].measurement.workers.clear();
  sweep.trials[2].measurement.ordering.max_reorder_depth = 0;
  EXPECT_EQ(Answer(sweep)[1], "CPU time of each chunk: 208 µs of the dispatcher (2.00 wake-ups).");
}

TEST(Answer, GivesNoRangeForOneRepetition) {
  EXPECT_THAT(Answer(example::FullSweep())[0],
              HasSubstr("186 items/s, 1.94 × one process (over 1 repetition). "));
}

TEST(Answer, TellsATolerantComparisonFromAnExactOne) {
  EXPECT_THAT(Answer(example::FullSweep())[0],
              HasSubstr("All answers in order and within the tolerance of the serial reference "
                        "(largest difference 1.5e-07)."));
}

TEST(Answer, DoesNotSpeakForOtherCellsThatWereWrong) {
  SweepBuilder builder = TypicalSweep();
  builder.AddMeasured(MakeCell(Mode::kProcesses, 2, 1, "pipe"), {500});
  builder.LastMeasurement().outcome = Outcome::kDisordered;
  EXPECT_THAT(Answer(builder.sweep()),
              ElementsAre(HasSubstr("Its answers are in order and equal to the serial reference; 1 "
                                    "other cell gave wrong or disordered answers")));
}

TEST(Answer, AdmitsThatNoAnswerWasCompared) {
  SweepBuilder builder = TypicalSweep();
  for (TrialResult& trial : builder.sweep().trials)
    trial.measurement.output = {};
  EXPECT_THAT(Answer(builder.sweep())[0], HasSubstr("Its answers were not compared"));
}

TEST(Answer, DescribesThreadsWithModelsOfTheirOwn) {
  SweepBuilder builder = TypicalSweep();
  builder.AddMeasured(MakeCell(Mode::kThreads, 2), {200, 200, 200});
  EXPECT_THAT(Answer(builder.sweep())[0],
              HasSubstr("Use one process with 2 copies of the model × 1 thread, placement compact, "
                        "chunk 8: 200 items/s, 2.00 × one process"));
}

TEST(Answer, SaysPlainlyThatOneProcessIsAsGood) {
  SweepBuilder builder;
  builder.AddMeasured(MakeCell(Mode::kSerial, 1), {100, 100, 100});
  builder.AddMeasured(MakeCell(Mode::kProcesses, 2), {97, 97, 97});
  EXPECT_THAT(Answer(builder.sweep()),
              ElementsAre(HasSubstr("One process is as good as any: one process with 1 thread, "
                                    "placement compact, chunk 8: 100 items/s. The fastest with "
                                    "workers, 2 workers × 1 thread, placement compact, chunk 8, "
                                    "transport shm, gives 97.0 items/s. All answers in order")));
}

TEST(Answer, DoesNotCallOneProcessGoodWhenNothingElseWasMeasuredWell) {
  SweepBuilder builder;
  builder.AddMeasured(MakeCell(Mode::kSerial, 1), {100, 100, 100});
  builder.AddMeasured(MakeCell(Mode::kProcesses, 2), {100, 190, 195});
  const auto answer = Answer(builder.sweep());
  ASSERT_EQ(answer.size(), 2u);
  EXPECT_THAT(answer[0], HasSubstr("No cell with workers can be recommended (1 unstable). What is "
                                   "left is one process with 1 thread"));
  EXPECT_THAT(answer[0], Not(HasSubstr("as good as any")));
  EXPECT_THAT(answer[1], HasSubstr("Seemingly faster but not to be relied on: 2 workers"));
  EXPECT_THAT(answer[1], HasSubstr("190 items/s, unstable: throughput varied"));
}

TEST(Answer, OfControlsAloneSaysThatTheyWereAlone) {
  SweepBuilder builder;
  builder.AddMeasured(MakeCell(Mode::kSerial, 1), {100});
  EXPECT_THAT(
      Answer(builder.sweep())[0],
      HasSubstr("Only the controls were measured; the fastest is one process with 1 thread, "
                "placement compact, chunk 8: 100 items/s. Measure mode processes"));
}

TEST(Answer, SaysThatNothingCameToItsEnd) {
  SweepBuilder builder;
  builder.AddCell(MakeCell(Mode::kProcesses, 2));
  EXPECT_THAT(Answer(builder.sweep()),
              ElementsAre("Nothing was measured: no trial came to its end."));
}

TEST(Answer, SaysThatAllWasSkipped) {
  SweepResult sweep;
  sweep.plan.skipped.push_back({MakeCell(Mode::kProcesses, 4), "too many"});
  EXPECT_THAT(Answer(sweep), ElementsAre(HasSubstr("all 1 cells were skipped")));
}

TEST(Answer, TellsHowFarAnInterruptedSweepCame) {
  SweepBuilder builder = TypicalSweep();
  builder.sweep().interrupted = true;
  builder.sweep().plan.trials.resize(20);
  const auto answer = Answer(builder.sweep());
  ASSERT_EQ(answer.size(), 2u);
  EXPECT_EQ(answer[0], "Interrupted after 9 of 20 trials; this is what they tell.");
  EXPECT_THAT(answer[1], HasSubstr("Use 2 workers"));
}

TEST(Answer, CountsVerdictsWhenNoCellCanBeRecommended) {
  SweepBuilder builder;
  for (const int workers : {1, 2, 3}) {
    builder.AddTrial(builder.AddCell(MakeCell(Mode::kProcesses, workers)), 0,
                     workers < 3 ? BadMeasurement(Outcome::kFailed, "no memory: use fewer")
                                 : BadMeasurement(Outcome::kTimedOut, "silence"));
  }
  EXPECT_THAT(Answer(builder.sweep()),
              ElementsAre("No cell can be recommended: of 3 cells 2 failed, 1 timed out. First of "
                          "them: processes/w1/t1/compact/c8/shm: no memory: use fewer"));
}

TEST(Answer, DoesNotInventASpeedup) {
  SweepBuilder builder;
  builder.AddMeasured(MakeCell(Mode::kProcesses, 2), {100});
  EXPECT_THAT(Answer(builder.sweep())[0],
              HasSubstr("100 items/s, how much faster than one process is not known"));
}

TEST(Answer, SaysWhatAThrottledChoiceCosts) {
  example::SweepBuilder builder;
  builder.AddMeasured(example::MakeCell(Mode::kSerial, 1), {50});
  builder.AddMeasured(example::MakeCell(Mode::kProcesses, 2), {100});
  builder.LastMeasurement().system.throttle = ThrottleDelta{10, 4, 0};
  const auto cells = SummarizeCells(builder.sweep());
  const auto lines = AnswerLines(builder.sweep(), cells, BestCell(builder.sweep(), cells));
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_THAT(lines[0], testing::HasSubstr("Use 2 workers"));
  EXPECT_THAT(lines[1],
              testing::HasSubstr(
                  "It is throttled all the same (throttled in 40 % of periods): answers wait"));
}

TEST(Answer, NamesTheFastestCellThatIsNotThrottledBesideOneThatIs) {
  example::SweepBuilder builder;
  builder.AddMeasured(example::MakeCell(Mode::kSerial, 1), {50});
  builder.AddMeasured(example::MakeCell(Mode::kProcesses, 1), {49});
  builder.AddMeasured(example::MakeCell(Mode::kProcesses, 2), {100});
  builder.LastMeasurement().system.throttle = ThrottleDelta{10, 4, 0};
  const auto cells = SummarizeCells(builder.sweep());
  const auto lines = AnswerLines(builder.sweep(), cells, BestCell(builder.sweep(), cells));
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_THAT(lines[1], testing::HasSubstr("more items/s, but answers wait"));
  EXPECT_THAT(lines[1], testing::HasSubstr("Where latency matters: 1 worker × 1 thread"));
}

}  // namespace
}  // namespace coresweep
