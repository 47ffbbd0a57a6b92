#include "bench/progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/example_sweep.h"

namespace coresweep {
namespace {

using testing::HasSubstr;

/// A file that can be read back.
class Output {
 public:
  Output() : file_(std::tmpfile()) {}
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  ~Output() { std::fclose(file_); }
  [[nodiscard]] std::FILE* file() const { return file_; }
  [[nodiscard]] std::string Text() const {
    std::fflush(file_);
    std::rewind(file_);
    std::string text;
    for (int c = 0; (c = std::fgetc(file_)) != EOF;)
      text += static_cast<char>(c);
    return text;
  }

 private:
  std::FILE* file_;
};

/// Two trials of "processes/w2/t1/compact/c8/shm", of which none ran.
SweepResult Sweep() {
  example::SweepBuilder builder;
  builder.AddCell(example::MakeCell(Mode::kProcesses, 2));
  builder.sweep().plan.trials = {{0, 0}, {0, 1}};
  builder.sweep().plan.estimated_s = 90;
  return builder.sweep();
}

TEST(Progress, TellsHowFarTheSweepIs) {
  const Output out;
  Progress progress(out.file(), true);
  SweepResult sweep = Sweep();
  progress.Begin(sweep);
  progress.TrialStarts(sweep, sweep.plan.trials[0]);
  EXPECT_THAT(out.Text(), HasSubstr("[1/2] 1:30 left  processes/w2/t1/compact/c8/shm"));
  sweep.trials.push_back({sweep.plan.trials[0], 0, example::GoodMeasurement(1)});
  progress.TrialEnded(sweep);
  progress.TrialStarts(sweep, sweep.plan.trials[1]);
  EXPECT_THAT(out.Text(), HasSubstr("[2/2] "));
  EXPECT_THAT(out.Text(), HasSubstr("(repetition 2)"));
}

TEST(Progress, SaysWhatATrialIsFor) {
  const Output out;
  Progress progress(out.file(), true);
  const SweepResult sweep = Sweep();
  progress.Begin(sweep);
  for (const auto& [role, words] :
       std::map<TrialRole, std::string>{{TrialRole::kReference, "(reference)"},
                                        {TrialRole::kProbe, "(probe)"},
                                        {TrialRole::kRace, "(race, round 5)"},
                                        {TrialRole::kConfirmation, "(confirmation, block 5)"}}) {
    progress.TrialStarts(sweep, Trial{0, 4, role});
    EXPECT_THAT(out.Text(), HasSubstr(words));
  }
}

TEST(Progress, TrialsOfEarlierCallsSayNothingOfHowLongOnesTakeNow) {
  const Output out;
  Progress progress(out.file(), true);
  SweepResult sweep = Sweep();
  sweep.trials.push_back({sweep.plan.trials[0], 0, example::GoodMeasurement(1)});
  progress.Begin(sweep);
  progress.TrialStarts(sweep, sweep.plan.trials[1]);
  EXPECT_THAT(out.Text(), HasSubstr("[2/2] 0:45 left"));  // the plan's estimate of one
}

TEST(Progress, WritesNothingUnlessEnabled) {
  const Output out;
  {
    Progress progress(out.file(), false);
    SweepResult sweep = Sweep();
    progress.Show("text");
    progress.Begin(sweep);
    progress.TrialStarts(sweep, sweep.plan.trials[0]);
    sweep.trials.push_back(
        {sweep.plan.trials[0], 0, example::BadMeasurement(Outcome::kFailed, "why")});
    progress.TrialEnded(sweep);
    progress.End(sweep);
  }
  EXPECT_EQ(out.Text(), "");
}

TEST(Progress, ClearsItsLineAtTheEnd) {
  const Output out;
  Progress progress(out.file(), true);
  progress.Show("text");
  progress.End(Sweep());
  EXPECT_EQ(out.Text(), "\r\033[Ktext\r\033[K");
  progress.Clear();  // nothing is shown any more
  EXPECT_EQ(out.Text(), "\r\033[Ktext\r\033[K");
}

TEST(Progress, ClearsItsLineWhenItGoes) {
  const Output out;
  {
    Progress progress(out.file(), true);
    progress.Show("text");
  }
  EXPECT_EQ(out.Text(), "\r\033[Ktext\r\033[K");
}

TEST(Progress, CutsTheLineToTheWidth) {
  const Output out;  // no terminal: 100 columns
  Progress progress(out.file(), true);
  progress.Show(std::string(300, 'x'));
  EXPECT_EQ(out.Text(), "\r\033[K" + std::string(99, 'x'));
}

TEST(Progress, SaysOnALineOfItsOwnWhatWentWrong) {
  const Output out;
  Progress progress(out.file(), true);
  SweepResult sweep = Sweep();
  sweep.trials.push_back(
      {sweep.plan.trials[0], 0, example::BadMeasurement(Outcome::kTimedOut, "worker 1 is silent")});
  progress.TrialEnded(sweep);
  EXPECT_EQ(out.Text(), "processes/w2/t1/compact/c8/shm: timed_out: worker 1 is silent\n");
}

TEST(Progress, KeepsQuietAboutGoodTrials) {
  const Output out;
  Progress progress(out.file(), true);
  SweepResult sweep = Sweep();
  sweep.trials.push_back({sweep.plan.trials[0], 0, example::GoodMeasurement(1)});
  progress.TrialEnded(sweep);
  EXPECT_EQ(out.Text(), "");
}

}  // namespace
}  // namespace coresweep
