#include "harness/base/atomic_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <string>

#include "harness/base/error.h"
#include "tests/base/temp_folder.h"

namespace coresweep {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Property;
using testing::Throws;

size_t CountEntries(const fs::path& folder) {
  size_t count = 0;
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator(folder))
    ++count;
  return count;
}

/// While it lives no file may grow above `bytes`: a full disk on demand.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : old_handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &old_);
    const rlimit limit{bytes, old_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &old_);
    std::signal(SIGXFSZ, old_handler_);
  }

 private:
  rlimit old_{};
  void (*old_handler_)(int);
};

TEST(AtomicFile, GivesBackWhatWasWritten) {
  const TempFolder folder;
  const std::string text = std::string("a\0b\n", 4) + std::string(300'000, 'x');
  WriteFileAtomically(folder.path() / "report.json", text);
  EXPECT_EQ(ReadFile(folder.path() / "report.json"), text);
}

TEST(AtomicFile, ReplacesAndLeavesNoPartialFile) {
  const TempFolder folder;
  folder.Write("report.json", "a longer old text");
  WriteFileAtomically(folder.path() / "report.json", "new");
  EXPECT_EQ(ReadFile(folder.path() / "report.json"), "new");
  EXPECT_EQ(CountEntries(folder.path()), 1U);
}

TEST(AtomicFile, KeepsTheOldFileWhenTheDiskIsFull) {
  const TempFolder folder;
  folder.Write("report.json", "old");
  {
    const FileSizeLimit full(1000);
    EXPECT_THROW(WriteFileAtomically(folder.path() / "report.json", std::string(5000, 'x')), Error);
  }
  EXPECT_EQ(ReadFile(folder.path() / "report.json"), "old");
  EXPECT_EQ(CountEntries(folder.path()), 1U);
}

TEST(AtomicFile, KeepsTheOldFileWhenTheRenameFails) {
  const TempFolder folder;
  fs::create_directories(folder.path() / "report.json" / "in the way");
  EXPECT_THROW(WriteFileAtomically(folder.path() / "report.json", "new"), Error);
  EXPECT_EQ(CountEntries(folder.path()), 1U);
}

TEST(AtomicFile, NamesThePathThatCannotBeWritten) {
  const auto write = [] { WriteFileAtomically("/nowhere/report.json", "new"); };
  EXPECT_THAT(write, Throws<Error>(Property(&Error::what, HasSubstr("/nowhere/report.json"))));
}

TEST(AtomicFile, WritesToDevicesAndReportsTheirErrors) {
  EXPECT_NO_THROW(WriteFileAtomically("/dev/null", "text"));
  EXPECT_THAT([] { WriteFileAtomically("/dev/full", "text"); },
              Throws<Error>(Property(&Error::what, HasSubstr("ENOSPC"))));
  EXPECT_FALSE(fs::exists("/dev/full.part"));
}

TEST(AtomicFile, WritesIntoTheCurrentFolderByBareName) {
  const TempFolder folder;
  const fs::path before = fs::current_path();
  fs::current_path(folder.path());
  EXPECT_NO_THROW(WriteFileAtomically("bare", "text"));
  fs::current_path(before);
  EXPECT_EQ(ReadFile(folder.path() / "bare"), "text");
}

TEST(ReadFile, NamesWhatIsMissing) {
  EXPECT_THAT([] { ReadFile("/nowhere/model.pt"); },
              Throws<Error>(Property(&Error::what, HasSubstr("/nowhere/model.pt: No such file"))));
}

TEST(ReadFile, RefusesMoreThanTheLimitOnly) {
  const TempFolder folder;
  folder.Write("file", "12345");
  EXPECT_EQ(ReadFile(folder.path() / "file", 5), "12345");
  EXPECT_THROW(ReadFile(folder.path() / "file", 4), Error);
}

}  // namespace
}  // namespace coresweep
