#include "harness/host/pss.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstdint>

#include "tests/base/temp_folder.h"

namespace coresweep {
namespace {

TEST(Pss, IsReadFromItsOwnLine) {
  const TempFolder root;
  root.Write("/proc/self/smaps_rollup",
             "56160c84a000-7ffde98fe000 ---p 00000000 00:00 0    [rollup]\n"
             "Rss:                1656 kB\nPss:                 285 kB\n"
             "Pss_Dirty:           112 kB\nSwapPss:               7 kB\n");
  EXPECT_EQ(ReadPssBytes(root.path()), int64_t{285} * 1024);
}

TEST(Pss, IsUnknownWhereItCannotBeRead) {
  const TempFolder root;
  int error = -1;
  EXPECT_FALSE(ReadPssBytes(root.path(), &error));
  EXPECT_EQ(error, ENOENT);
  root.Write("/proc/self/smaps_rollup", "Rss: 1656 kB\nSwapPss: 7 kB\nPss: much\n");
  EXPECT_FALSE(ReadPssBytes(root.path(), &error));
  EXPECT_EQ(error, 0);
}

TEST(Pss, OfThisProcessIsPlausible) {
  const auto bytes = ReadPssBytes();
  if (!bytes) GTEST_SKIP() << "/proc/self/smaps_rollup cannot be read here";
  EXPECT_GT(*bytes, 1 << 16);
  EXPECT_LT(*bytes, int64_t{1} << 40);
}

}  // namespace
}  // namespace coresweep
