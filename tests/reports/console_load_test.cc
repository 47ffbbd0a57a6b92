#include "reports/console_load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reports/console_answer.h"
#include "reports/console_report.h"
#include "tests/support/open_load_sweep.h"

namespace coresweep {
namespace {

using example::OpenSweep;
using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::vector<std::string> Lines(const SweepResult& sweep) {
  return LoadLines(sweep, SummarizeCells(sweep));
}

TEST(ConsoleLoad, NamesTheKneeOfAShapeAndWhatIsBeyondIt) {
  EXPECT_THAT(Lines(OpenSweep().sweep()),
              ElementsAre("Open load (poisson arrivals), processes/w2/t1/compact/c8/shm: sustains "
                          "1,000 requests/s (p99 2.00 ms from due, 1.00 ms from issue; queue 1.50 "
                          "on average, at most 7; the harness itself was late by 4.00 µs (p99 60.0 "
                          "µs)); 2,000 requests/s: saturated, 600 requests/s reached."));
}

TEST(ConsoleLoad, SaysThatTheHighestRateMeasuredIsSustained) {
  example::SweepBuilder builder = OpenSweep();
  builder.sweep().trials[1].measurement.open_load = builder.sweep().trials[0].measurement.open_load;
  EXPECT_THAT(Lines(builder.sweep())[0], AllOf(HasSubstr("sustains 2,000 requests/s"),
                                               EndsWith("the highest rate measured.")));
}

TEST(ConsoleLoad, SaysWhatTheBoundRefuses) {
  example::SweepBuilder builder = OpenSweep();
  builder.sweep().plan.config.latency_bound_ms = 1.5;
  EXPECT_THAT(Lines(builder.sweep())[0],
              EndsWith("no measured rate is shown to be sustained; 500 requests/s: p99 2.00 ms "
                       "beyond the bound of 1.50 ms."));
  for (TrialResult& trial : builder.sweep().trials)
    trial.measurement.samples.resize(10);
  EXPECT_THAT(Lines(builder.sweep())[0],
              HasSubstr("500 requests/s: not known: p50 needs 20 samples"));
}

TEST(ConsoleLoad, SaysWhichRateFailed) {
  example::SweepBuilder builder = OpenSweep();
  builder.sweep().trials[2].measurement = example::BadMeasurement(Outcome::kFailed, "died");
  EXPECT_THAT(Lines(builder.sweep())[0], EndsWith("500 requests/s: failed."));
}

TEST(ConsoleLoad, IsSilentUnderClosedLoad) {
  EXPECT_THAT(Lines(example::TypicalSweep().sweep()), IsEmpty());
}

TEST(ConsoleLoad, OfSingleStreamIsTheP90) {
  SweepResult sweep = example::FullSweep();
  sweep.plan.config.scenario = Scenario::kSingleStream;
  auto& samples = sweep.trials[2].measurement.samples;
  samples.assign(100, example::MakeSample(0, example::kWindowBeginNs));
  EXPECT_THAT(Lines(sweep)[0], "Single stream, processes/w2/t1/compact/c8/shm: p90 43.0 ms.");
  EXPECT_THAT(Lines(sweep)[1], HasSubstr("p90 not known"));
}

TEST(ConsoleLoad, IsTheAnswerWhereNothingElseWasMeasured) {
  const SweepResult sweep = OpenSweep().sweep();
  const auto cells = SummarizeCells(sweep);
  EXPECT_EQ(BestCell(sweep, cells), -1);
  EXPECT_THAT(AnswerLines(sweep, cells, -1), ElementsAre(HasSubstr("sustains 1,000 requests/s")));
}

TEST(ConsoleLoad, TheTableShowsRatesAndTheSaturatedCellItsReason) {
  const std::string page = RenderConsole(OpenSweep().sweep(), {200, false});
  EXPECT_THAT(page, AllOf(HasSubstr("asked/s"), HasSubstr("reached/s"), HasSubstr("p99")));
  EXPECT_THAT(page, AllOf(HasSubstr("Saturated:\n"), HasSubstr("of 500 requests"),
                          Not(HasSubstr("Not to be relied on"))));
  EXPECT_THAT(RenderConsole(example::TypicalSweep().sweep(), {200, false}),
              Not(HasSubstr("asked/s")));
}

}  // namespace
}  // namespace coresweep
