#include "harness/host/rooted_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/base/temp_folder.h"

namespace coresweep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(RootedFiles, ReadsBelowTheRootAlone) {
  const TempFolder root;
  root.Write("/etc/answer", "42\n");
  RootedFiles files(root.path());
  EXPECT_EQ(files.Read("/etc/answer"), "42\n");
  EXPECT_TRUE(files.Exists("/etc/answer"));
  EXPECT_FALSE(files.Exists("/proc/self/status"));
  EXPECT_EQ(files.Real("/etc/answer"), root.path() / "etc/answer");
}

TEST(RootedFiles, AMissingFileIsNoWarningARefusedOneIs) {
  const TempFolder root;
  root.Write("/folder/file", "");
  RootedFiles files(root.path());
  EXPECT_FALSE(files.Read("/missing"));
  EXPECT_THAT(files.warnings(), IsEmpty());
  EXPECT_FALSE(files.Read("/folder"));
  EXPECT_THAT(files.warnings(), ElementsAre(HasSubstr("ignored /folder: ")));
}

TEST(RootedFiles, ShowsTheFirstFortyCharactersOfWhatItRejects) {
  const TempFolder root;
  RootedFiles files(root.path());
  files.Reject("/a", "first\nsecond\n");
  files.Reject("/b", std::string(50, 'x'));
  EXPECT_THAT(files.warnings(), ElementsAre("ignored /a: it holds \"first\", not a limit",
                                            HasSubstr("\"" + std::string(40, 'x') + "\"")));
}

TEST(ParseNumber, TakesAllOfTheTextOrNothing) {
  EXPECT_EQ(ParseNumber<int>("12 \n"), 12);
  EXPECT_EQ(ParseNumber<int>("-12"), -12);
  EXPECT_FALSE(ParseNumber<int>(""));
  EXPECT_FALSE(ParseNumber<int>("12 k"));
  EXPECT_FALSE(ParseNumber<int>(" 12"));
  EXPECT_FALSE(ParseNumber<unsigned>("-1"));
  EXPECT_FALSE(ParseNumber<int>("99999999999"));
}

}  // namespace
}  // namespace coresweep
