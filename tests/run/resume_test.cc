// A sweep that is ended after any number of trials and resumed is the sweep that was not.
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>

#include "harness/core/journal_text.h"
#include "harness/core/trial_replay.h"
#include "harness/run/journal.h"
#include "harness/run/sweep.h"
#include "tests/base/temp_folder.h"
#include "tests/support/fake_trial_runner.h"
#include "tests/support/full_trial.h"

namespace coresweep {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

/// Twelve trials of three cells in a shuffled order.
SweepResult NewSweep() {
  example::SweepBuilder builder;
  for (const int workers : {1, 2, 3})
    builder.AddCell(example::MakeCell(Mode::kProcesses, workers));
  SweepResult& sweep = builder.sweep();
  sweep.plan.trials = {{2, 0}, {0, 0}, {1, 0}, {1, 1}, {0, 1}, {2, 1},
                       {0, 2}, {1, 2}, {2, 2}, {2, 3}, {1, 3}, {0, 3}};
  return sweep;
}

/// What each trial measures depends on cell and repetition alone.
TrialMeasurement Measure(const PlannedCell& planned, const Trial& trial) {
  TrialMeasurement measurement = example::MeasurementWithEveryField();
  measurement.outcome = trial.repetition == 1 ? Outcome::kFailed : Outcome::kOk;
  measurement.items_in_window = planned.cell.workers + trial.repetition / 3.0;
  return measurement;
}

/// Asks what to run after what was told: the choice of each trial depends on the last result.
class Choosing final : public TrialSchedule {
 public:
  [[nodiscard]] std::optional<Trial> Next() const override {
    if (stopped_ || told_ == 12) return std::nullopt;
    return Trial{(told_ + (last_ok_ ? 1 : 0)) % 3, told_ / 3, TrialRole::kRace};
  }
  void Add(const TrialResult& result) override {
    last_ok_ = result.Throughput() > 1.5;
    ++told_;
  }
  void Stop(std::string_view /*why*/) override { stopped_ = true; }
  [[nodiscard]] int64_t Expected() const override { return 12; }

 private:
  int told_ = 0;
  bool last_ok_ = false;
  bool stopped_ = false;
};

struct Way {
  const char* name;
  std::unique_ptr<TrialSchedule> (*make)(const SweepResult&);
};
const Way kWays[] = {{"list",
                      [](const SweepResult& sweep) -> std::unique_ptr<TrialSchedule> {
                        return std::make_unique<ListSchedule>(sweep.plan.trials);
                      }},
                     {"choosing", [](const SweepResult&) -> std::unique_ptr<TrialSchedule> {
                        return std::make_unique<Choosing>();
                      }}};

/// Runs on from what `journal` holds, and ends it in trial `end` of this call, as Ctrl-C does.
/// Returns what ran.
Words RunOn(const Way& way, const fs::path& path, int end, SweepResult& sweep) {
  JournalFile file = JournalFile::Open(path);
  sweep = NewSweep();
  const Journal journal = ParseJournal(file.Read());
  const auto schedule = way.make(sweep);
  ReplayTrials(*schedule, journal.trials);
  sweep.trials = journal.trials;
  sweep.calls = journal.calls;
  sweep.calls.push_back({1, "again", static_cast<int64_t>(sweep.trials.size()), 0});
  file.Append(JournalLine(sweep.calls.back()));
  int ran = 0;
  FakeTrialRunner runner([&](const PlannedCell& planned, const Trial& trial) {
    if (ran++ == end) return example::BadMeasurement(Outcome::kInterrupted, "Ctrl-C");
    return Measure(planned, trial);
  });
  JournalWriter writer(file);
  RunSweep(sweep, *schedule, runner, {&writer}, {});
  return runner.ran();
}

class Resume : public testing::TestWithParam<Way> {
 protected:
  void SetUp() override {
    JournalHeader header;
    header.tool_json = header.requested_json = header.effective_json = "{}";
    for (const PlannedCell& planned : NewSweep().plan.cells)
      header.cells.push_back(planned.cell.Id());
    JournalFile::Create(path_, JournalLine(header));
  }
  /// Date and duration are those of the clock.
  static std::vector<TrialResult> Undated(std::vector<TrialResult> trials) {
    for (TrialResult& trial : trials)
      trial.started_unix_ms = trial.took_ns = 0;
    return trials;
  }

  TempFolder folder_{TempFolder::InMemory()};
  fs::path path_ = folder_.path() / "j";
};

TEST_P(Resume, AfterAnyNumberOfTrialsGivesWhatOneCallGives) {
  SweepResult whole;
  const Words in_one_go = RunOn(GetParam(), path_, 1000, whole);
  ASSERT_EQ(in_one_go.size(), 12u);
  for (int end = 0; end <= 12; ++end) {
    SetUp();
    SweepResult sweep;
    Words ran = RunOn(GetParam(), path_, end, sweep);
    EXPECT_EQ(sweep.interrupted, end < 12);
    if (end < 12) ran.pop_back();  // interrupted: no result
    const Words rest = RunOn(GetParam(), path_, 1000, sweep);
    EXPECT_EQ(rest.size(), 12u - static_cast<size_t>(end)) << "measured twice, or lost";
    ran.insert(ran.end(), rest.begin(), rest.end());
    EXPECT_EQ(ran, in_one_go) << "ended in trial " << end;
    EXPECT_EQ(Undated(sweep.trials), Undated(whole.trials)) << "ended in trial " << end;
    EXPECT_EQ(sweep.calls.back().trials_before, end);
    EXPECT_FALSE(sweep.interrupted);
  }
}

TEST_P(Resume, ManyTimesInARowLosesNothing) {
  SweepResult whole;
  const Words in_one_go = RunOn(GetParam(), path_, 1000, whole);
  SetUp();
  SweepResult sweep;
  Words ran;
  for (int call = 0; call < 12; ++call) {
    const Words more = RunOn(GetParam(), path_, 1, sweep);
    ran.push_back(more[0]);
  }
  EXPECT_EQ(sweep.trials.size(), 12u);
  EXPECT_EQ(Undated(sweep.trials), Undated(whole.trials));
  EXPECT_EQ(sweep.calls.size(), 12u);
  EXPECT_EQ(ran, in_one_go);
}

INSTANTIATE_TEST_SUITE_P(Schedules, Resume, testing::ValuesIn(kWays),
                         [](const auto& way) { return way.param.name; });

}  // namespace
}  // namespace coresweep
