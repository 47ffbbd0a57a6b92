#include "harness/host/small_file.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <string>

#include "tests/base/temp_folder.h"

namespace coresweep {
namespace {

TEST(SmallFile, IsReadWhole) {
  const TempFolder folder;
  const std::string text(10'000, 'x');  // more than one read
  folder.Write("a", text);
  folder.Write("empty", "");
  EXPECT_EQ(ReadSmallFile(folder.path() / "a"), text);
  EXPECT_EQ(ReadSmallFile(folder.path() / "empty"), "");
}

TEST(SmallFile, ThatCannotBeOpenedOrReadGivesItsErrno) {
  const TempFolder folder;
  int error = 0;
  EXPECT_FALSE(ReadSmallFile(folder.path() / "missing", &error));
  EXPECT_EQ(error, ENOENT);
  EXPECT_FALSE(ReadSmallFile(folder.path(), &error));  // opens, and refuses to be read
  EXPECT_EQ(error, EISDIR);
  EXPECT_FALSE(ReadSmallFile(folder.path()));
}

TEST(ErrnoName, IsShort) {
  EXPECT_EQ(ErrnoName(EPERM), "EPERM");
  EXPECT_EQ(ErrnoName(98765), "errno 98765");
}

}  // namespace
}  // namespace coresweep
