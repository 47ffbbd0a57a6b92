#include "harness/run/journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/atomic_file.h"
#include "harness/base/error.h"
#include "harness/core/journal_text.h"
#include "tests/base/temp_folder.h"
#include "tests/support/full_trial.h"

namespace coresweep {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

class JournalFileTest : public testing::Test {
 protected:
  TempFolder folder_;
  fs::path path_ = folder_.path() / "report.json.journal";
};

TEST_F(JournalFileTest, KeepsWhatIsAppended) {
  {
    JournalFile file = JournalFile::Create(path_, "head\n");
    EXPECT_EQ(ReadFile(path_), "head\n");
    file.Append("one\n");
    EXPECT_EQ(ReadFile(path_), "head\none\n");
  }
  JournalFile file = JournalFile::Open(path_);
  EXPECT_EQ(file.Read(), "head\none\n");
  file.Append("two\n");
  EXPECT_EQ(file.Read(), "head\none\ntwo\n");
}

TEST_F(JournalFileTest, GoesOnBehindWhatWasCutOff) {
  folder_.Write(path_.filename(), "head\none\ntor");
  JournalFile file = JournalFile::Open(path_);
  file.CutTo(9);
  file.Append("two\n");
  EXPECT_EQ(file.Read(), "head\none\ntwo\n");
}

TEST_F(JournalFileTest, ANewOneReplacesWhatIsThere) {
  folder_.Write(path_.filename(), "of an earlier sweep, longer\n");
  const JournalFile file = JournalFile::Create(path_, "head\n");
  EXPECT_EQ(file.Read(), "head\n");
}

TEST_F(JournalFileTest, OnlyOneAtATimeWrites) {
  {
    const JournalFile first = JournalFile::Create(path_, "head\n");
    for (const auto& attempt : {+[](const fs::path& path) { (void)JournalFile::Open(path); },
                                +[](const fs::path& path) { (void)JournalFile::Create(path, "x"); },
                                +[](const fs::path& path) { JournalFile::RequireFree(path); }}) {
      try {
        attempt(path_);
        ADD_FAILURE() << "two at a time";
      } catch (const UsageError& error) {
        EXPECT_THAT(error.what(), AllOf(HasSubstr(path_.string()), HasSubstr("another coresweep")));
      }
    }
    EXPECT_EQ(first.Read(), "head\n");  // the one that was refused did not empty it
  }
  JournalFile::RequireFree(path_);
  EXPECT_EQ(JournalFile::Open(path_).Read(), "head\n");
}

TEST_F(JournalFileTest, SaysThatThereIsNone) {
  try {
    (void)JournalFile::Open(path_);
    ADD_FAILURE() << "opened what is not there";
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr(path_.string()), HasSubstr("no such journal")));
  }
  JournalFile::RequireFree(path_);
  folder_.Write("file", "");
  JournalFile::RequireFree(folder_.path() / "file" / "j");  // nor can there be one
  EXPECT_FALSE(fs::exists(path_));
}

TEST_F(JournalFileTest, IsGoneOnceItIsRemoved) {
  JournalFile file = JournalFile::Create(path_, "head\n");
  file.Remove();
  EXPECT_FALSE(fs::exists(path_));
}

TEST_F(JournalFileTest, AFolderThatIsNotThereIsAnError) {
  EXPECT_THROW(JournalFile::Create(folder_.path() / "not there" / "j", ""), Error);
}

TEST_F(JournalFileTest, AFullDiskIsAnError) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "no /dev/full";
  fs::create_symlink("/dev/full", path_);
  EXPECT_THROW(JournalFile::Open(path_).Append("x\n"), Error);
  EXPECT_THROW(JournalFile::Create(path_, "head\n"), Error);
  EXPECT_FALSE(fs::is_symlink(path_));  // nothing is left that would be taken for a journal
}

TEST_F(JournalFileTest, TheWriterAppendsFinishedTrialsAndTheEndAndNoInterruptedTrial) {
  JournalFile file = JournalFile::Create(path_, "");
  JournalWriter writer(file);
  SweepResult sweep;
  sweep.calls = {{1000, "", 0, 77}};
  writer.Begin(sweep);
  sweep.trials.push_back(example::TrialWithEveryField());
  writer.TrialStarts(sweep, sweep.trials.back().trial);
  EXPECT_EQ(file.Read(), "");
  writer.TrialEnded(sweep);
  const std::string line = JournalLine(sweep.trials[0], 77);
  EXPECT_EQ(file.Read(), line);
  sweep.trials.push_back({{0, 0}, 0, example::BadMeasurement(Outcome::kInterrupted, "Ctrl-C")});
  writer.TrialEnded(sweep);
  EXPECT_EQ(file.Read(), line);
  sweep.calls.back().total_ns = 99;
  writer.End(sweep);
  EXPECT_EQ(file.Read(), line + JournalEndLine(99));
}

}  // namespace
}  // namespace coresweep
