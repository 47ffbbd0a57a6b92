#include "harness/run/sweep.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "harness/base/error.h"
#include "harness/core/search_schedule.h"
#include "tests/support/fake_trial_runner.h"

namespace coresweep {
namespace {

using example::BadMeasurement;
using example::GoodMeasurement;
using example::MakeCell;
using Words = std::vector<std::string>;

/// Writes down what it is told, with the number of trials in the sweep at that time.
class Recorder final : public ReportWriter {
 public:
  Recorder(std::string name, Words* calls) : name_(std::move(name)), calls_(calls) {}
  void Begin(const SweepResult& sweep) override { Note("begin", sweep); }
  void TrialStarts(const SweepResult& sweep, const Trial& trial) override {
    Note("start" + std::to_string(trial.cell_index), sweep);
  }
  void TrialEnded(const SweepResult& sweep) override { Note("ended", sweep); }
  void End(const SweepResult& sweep) override {
    Note(sweep.interrupted ? "end interrupted" : "end", sweep);
  }

 private:
  void Note(const std::string& what, const SweepResult& sweep) {
    calls_->push_back(name_ + what + "/" + std::to_string(sweep.trials.size()));
  }
  std::string name_;
  Words* calls_;
};

/// Three cells, each to be run once: 0, 1, 2.
SweepResult ThreeTrials() {
  example::SweepBuilder builder;
  for (const int workers : {1, 2, 3}) {
    const int index = builder.AddCell(MakeCell(Mode::kProcesses, workers));
    builder.sweep().plan.trials.push_back({index, 0});
  }
  return builder.sweep();
}

/// Runs the trials of its plan.
void Sweep(SweepResult& sweep, TrialRunner& runner, const std::vector<ReportWriter*>& writers,
           StopSignal* stop) {
  ListSchedule schedule(sweep.plan.trials);
  RunSweep(sweep, schedule, runner, writers, {stop});
}

/// Asks for cell 0 until it was told of two trials; then it wants cell 2 once.
class Counting final : public TrialSchedule {
 public:
  [[nodiscard]] std::optional<Trial> Next() const override {
    if (told_.size() < 2) return Trial{0, static_cast<int>(told_.size()), TrialRole::kRace};
    if (told_.size() == 2) return Trial{2, 0};
    return std::nullopt;
  }
  void Add(const TrialResult& result) override { told_.push_back(result.trial.cell_index); }
  void Stop(std::string_view /*why*/) override {}
  [[nodiscard]] int64_t Expected() const override { return 3; }
  [[nodiscard]] const std::vector<int>& told() const { return told_; }

 private:
  std::vector<int> told_;
};

TEST(RunSweep, RunsWhatTheScheduleAsksForAndTellsItWhatBecameOfIt) {
  SweepResult sweep = ThreeTrials();
  FakeTrialRunner runner;
  Counting schedule;
  RunSweep(sweep, schedule, runner, {}, {});
  EXPECT_EQ(schedule.told(), (std::vector<int>{0, 0, 2}));
  ASSERT_EQ(sweep.trials.size(), 3u);
  EXPECT_EQ(sweep.trials[1].trial, (Trial{0, 1, TrialRole::kRace}));
}

TEST(RunSweep, RunsTheTrialsInTheOrderOfThePlan) {
  SweepResult sweep = ThreeTrials();
  sweep.plan.trials = {{2, 0}, {0, 0}, {1, 0}, {1, 1}, {0, 1}, {2, 1}};
  FakeTrialRunner runner;
  Sweep(sweep, runner, {}, nullptr);
  const auto id = [](int workers) { return MakeCell(Mode::kProcesses, workers).Id(); };
  EXPECT_EQ(runner.ran(), (Words{id(3) + "#0", id(1) + "#0", id(2) + "#0", id(2) + "#1",
                                 id(1) + "#1", id(3) + "#1"}));
  ASSERT_EQ(sweep.trials.size(), 6u);
  EXPECT_EQ(sweep.trials[0].trial.cell_index, 2);
  EXPECT_EQ(sweep.trials[0].Throughput(), 300.0);
  EXPECT_GT(sweep.trials[0].started_unix_ms, 1'600'000'000'000);
  EXPECT_FALSE(sweep.interrupted);
}

TEST(RunSweep, TellsEveryWriterOfEachTrial) {
  SweepResult sweep = ThreeTrials();
  sweep.plan.trials.pop_back();
  Words calls;
  Recorder a("a:", &calls);
  Recorder b("b:", &calls);
  FakeTrialRunner runner;
  Sweep(sweep, runner, {&a, &b}, nullptr);
  EXPECT_EQ(calls,
            (Words{"a:begin/0", "b:begin/0", "a:start0/0", "b:start0/0", "a:ended/1", "b:ended/1",
                   "a:start1/1", "b:start1/1", "a:ended/2", "b:ended/2", "a:end/2", "b:end/2"}));
}

TEST(RunSweep, AFailedTrialIsAResultAndTheSweepGoesOn) {
  for (const Outcome outcome : {Outcome::kFailed, Outcome::kTimedOut, Outcome::kIncorrect}) {
    SweepResult sweep = ThreeTrials();
    FakeTrialRunner runner([&](const PlannedCell& planned, const Trial&) {
      return planned.cell.workers == 2 ? BadMeasurement(outcome, "why") : GoodMeasurement(10);
    });
    Sweep(sweep, runner, {}, nullptr);
    ASSERT_EQ(sweep.trials.size(), 3u);
    EXPECT_EQ(sweep.trials[1].measurement.outcome, outcome);
    EXPECT_EQ(sweep.trials[1].measurement.message, "why");
    EXPECT_EQ(sweep.trials[2].measurement.outcome, Outcome::kOk);
    EXPECT_FALSE(sweep.interrupted);
  }
}

TEST(RunSweep, AnInterruptedTrialEndsTheSweepAndIsKept) {
  SweepResult sweep = ThreeTrials();
  Words calls;
  Recorder recorder("", &calls);
  FakeTrialRunner runner([](const PlannedCell& planned, const Trial&) {
    return planned.cell.workers == 2 ? BadMeasurement(Outcome::kInterrupted, "Ctrl-C")
                                     : GoodMeasurement(10);
  });
  Sweep(sweep, runner, {&recorder}, nullptr);
  EXPECT_TRUE(sweep.interrupted);
  EXPECT_EQ(sweep.trials.size(), 2u);
  EXPECT_EQ(runner.ran().size(), 2u);
  EXPECT_EQ(calls,
            (Words{"begin/0", "start0/0", "ended/1", "start1/1", "ended/2", "end interrupted/2"}));
}

TEST(RunSweep, ASignalBetweenTrialsEndsTheSweepBeforeTheNext) {
  SweepResult sweep = ThreeTrials();
  StopSignal stop;
  FakeTrialRunner runner([](const PlannedCell&, const Trial&) {
    raise(SIGTERM);
    return GoodMeasurement(10);
  });
  Words calls;
  Recorder recorder("", &calls);
  Sweep(sweep, runner, {&recorder}, &stop);
  EXPECT_TRUE(sweep.interrupted);
  EXPECT_EQ(sweep.trials.size(), 1u);
  EXPECT_EQ(calls, (Words{"begin/0", "start0/0", "ended/1", "end interrupted/1"}));
}

/// A plan of four cells that asks for a search.
SweepResult ToBeSearched() {
  example::SweepBuilder builder;
  builder.AddCell(MakeCell(Mode::kSerial, 1));
  for (const int workers : {1, 2, 3})
    builder.AddCell(MakeCell(Mode::kProcesses, workers));
  builder.sweep().plan.config.search = SearchMode::kQuick;
  return builder.sweep();
}

TEST(RunSweep, KeepsWhatASearchFinds) {
  SweepResult sweep = ToBeSearched();
  FakeTrialRunner runner;  // 100 items/s a worker
  const auto schedule = MakeSchedule(sweep.plan);
  RunSweep(sweep, *schedule, runner, {}, {});
  ASSERT_TRUE(sweep.search);
  EXPECT_TRUE(sweep.search->ended);
  EXPECT_EQ(sweep.search->result.end, SearchEnd::kWinner);
  EXPECT_EQ(BestCell(sweep, SummarizeCells(sweep)), 3);
  EXPECT_EQ(sweep.search->expected, static_cast<int64_t>(sweep.trials.size()));
}

TEST(RunSweep, StopsASearchThatIsInterruptedAndKeepsItsSurvivors) {
  SweepResult sweep = ToBeSearched();
  FakeTrialRunner runner([](const PlannedCell& planned, const Trial& trial) {
    if (trial.repetition == 1) return BadMeasurement(Outcome::kInterrupted, "Ctrl-C");
    return GoodMeasurement(100.0 * planned.cell.workers);
  });
  const auto schedule = MakeSchedule(sweep.plan);
  RunSweep(sweep, *schedule, runner, {}, {});
  EXPECT_TRUE(sweep.interrupted);
  EXPECT_TRUE(sweep.search->ended);
  EXPECT_EQ(sweep.search->result.survivors.size(), 4u);
  EXPECT_THAT(sweep.search->result.sentence, testing::HasSubstr("ended by a signal"));
}

TEST(RunSweep, WithoutTrialsItOnlyBeginsAndEnds) {
  SweepResult sweep;
  Words calls;
  Recorder recorder("", &calls);
  FakeTrialRunner runner;
  Sweep(sweep, runner, {&recorder}, nullptr);
  EXPECT_EQ(calls, (Words{"begin/0", "end/0"}));
}

TEST(RunSweep, ThrowsWhatAWriterThrows) {
  class Broken final : public ReportWriter {
    void Begin(const SweepResult&) override {}
    void TrialStarts(const SweepResult&, const Trial&) override {}
    void TrialEnded(const SweepResult&) override { throw Error("disk full"); }
    void End(const SweepResult&) override {}
  } broken;
  SweepResult sweep = ThreeTrials();
  FakeTrialRunner runner;
  EXPECT_THROW(Sweep(sweep, runner, {&broken}, nullptr), Error);
  EXPECT_EQ(sweep.trials.size(), 1u);
}

/// A cell under closed load and the same at 80 % of its throughput.
SweepResult ClosedAndShare() {
  example::SweepBuilder builder;
  builder.AddCell(MakeCell(Mode::kProcesses, 2));
  Cell share = MakeCell(Mode::kProcesses, 2);
  share.load = {true, Arrivals::kPoisson, 0, 0.8};
  builder.AddCell(share);
  builder.sweep().plan.trials = {{0, 0}, {1, 0}, {1, 1}};
  return builder.sweep();
}

/// Answers as `measurement` says and writes down the rates it was asked for.
class RateRecorder final : public TrialRunner {
 public:
  explicit RateRecorder(TrialMeasurement measurement) : measurement_(std::move(measurement)) {}
  TrialMeasurement Run(const PlannedCell& planned, const Trial& /*trial*/) override {
    rates_.push_back(planned.cell.load.rate_per_s);
    return measurement_;
  }
  [[nodiscard]] const std::vector<double>& rates() const { return rates_; }

 private:
  TrialMeasurement measurement_;
  std::vector<double> rates_;
};

TEST(RunSweep, GivesAShareTheRateOfTheClosedThroughput) {
  SweepResult sweep = ClosedAndShare();
  TrialMeasurement measurement = GoodMeasurement(1000);  // 100 answers
  measurement.chunks = 20;
  RateRecorder runner(measurement);
  Sweep(sweep, runner, {}, nullptr);
  EXPECT_EQ(runner.rates(), (std::vector<double>{0, 160, 160}));
  EXPECT_EQ(sweep.plan.cells[1].cell.load.rate_per_s, 0);  // the plan stays as it is
}

TEST(RunSweep, AShareOfNothingIsAFailureThatSaysSo) {
  SweepResult sweep = ClosedAndShare();
  RateRecorder runner(BadMeasurement(Outcome::kFailed, "died"));
  Sweep(sweep, runner, {}, nullptr);
  EXPECT_EQ(runner.rates().size(), 1u);
  EXPECT_EQ(sweep.trials[2].measurement.outcome, Outcome::kFailed);
  EXPECT_NE(sweep.trials[2].measurement.message.find("closed load"), std::string::npos);
}

}  // namespace
}  // namespace coresweep
