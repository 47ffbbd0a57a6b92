#include "bench/run_files.h"

#include <gtest/gtest.h>

#include "harness/base/error.h"
#include "tests/base/temp_folder.h"

namespace coresweep {
namespace {

namespace fs = std::filesystem;

/// In a folder of its own, which is the current one.
class RunFilesTest : public testing::Test {
 protected:
  RunFilesTest() : before_(fs::current_path()) { fs::current_path(folder_.path()); }
  ~RunFilesTest() override { fs::current_path(before_); }
  RunFilesTest(const RunFilesTest&) = delete;
  RunFilesTest& operator=(const RunFilesTest&) = delete;

  TempFolder folder_;

 private:
  fs::path before_;
};

TEST_F(RunFilesTest, ANewSweepTakesTheFirstNameThatNothingIsKeptUnder) {
  EXPECT_EQ(FilesOfNewSweep("").report, "report.json");
  EXPECT_EQ(FilesOfNewSweep("").journal, "report.json.journal");
  folder_.Write("report.json", "");
  folder_.Write("report-2.json.journal", "");
  EXPECT_EQ(FilesOfNewSweep("").report, "report-3.json");
  EXPECT_EQ(FilesOfNewSweep("report.json").report, "report.json");
}

TEST_F(RunFilesTest, WhatIsNoFileHasNoJournal) {
  EXPECT_EQ(FilesOfNewSweep("/dev/null").journal, "");
}

TEST_F(RunFilesTest, AResumedSweepIsNamedByItsReportOrItsJournal) {
  for (const char* name : {"a/r.json", "a/r.json.journal"}) {
    folder_.Write("a/r.json.journal", "");
    EXPECT_EQ(FilesOfResumedSweep(name, "").report, "a/r.json");
    EXPECT_EQ(FilesOfResumedSweep(name, "").journal, "a/r.json.journal");
    EXPECT_EQ(FilesOfResumedSweep(name, "b.json").report, "b.json");
    EXPECT_EQ(FilesOfResumedSweep(name, "b.json").journal, "a/r.json.journal");
  }
}

TEST_F(RunFilesTest, AReportMayBeNamedLikeAJournal) {
  folder_.Write("r.journal", "");
  folder_.Write("r.journal.journal", "");
  EXPECT_EQ(FilesOfResumedSweep("r.journal", "").journal, "r.journal.journal");
  EXPECT_EQ(FilesOfResumedSweep("r.journal", "").report, "r.journal");
}

TEST_F(RunFilesTest, WhatCannotBeWrittenIsRefused) {
  EXPECT_THROW(RequireWritable("not there/r.json"), UsageError);
  RequireWritable("r.json");
  EXPECT_FALSE(fs::exists("r.json"));
}

}  // namespace
}  // namespace coresweep
