#include "reports/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coresweep {
namespace {

using ::testing::ElementsAre;

TEST(DisplayWidth, CountsCodePoints) {
  EXPECT_EQ(DisplayWidth(""), 0u);
  EXPECT_EQ(DisplayWidth("2 × 1–3 µs …"), 12u);
}

TEST(Printable, LeavesNothingThatCommandsATerminal) {
  EXPECT_EQ(Printable("a\x1b[31mb\nc\td\x7f"), "a [31mb c d ");
  EXPECT_EQ(Printable("a\xc2\x9b"
                      "31mb"),
            "a 31mb");
  EXPECT_EQ(Printable("2 × µ"), "2 × µ");
}

TEST(Wrap, BreaksBetweenWordsAndIndentsWhatFollows) {
  EXPECT_EQ(Wrap("one two three four", 9, 2), "one two\n  three\n  four\n");
  EXPECT_EQ(Wrap("one two", 7), "one two\n");
  EXPECT_EQ(Wrap("", 10), "\n");
}

TEST(Wrap, GivesALongWordItsOwnLine) {
  EXPECT_EQ(Wrap("a muchtoolongword b", 5), "a\nmuchtoolongword\nb\n");
}

TEST(Wrap, MeasuresInColumnsNotInBytes) {
  EXPECT_EQ(Wrap("×× ××", 5), "×× ××\n");
}

TEST(Shorten, KeepsWhatFits) {
  EXPECT_EQ(Shorten("abcdef", 6), "abcdef");
  EXPECT_EQ(Shorten("abcdef", 4), "abc…");
  EXPECT_EQ(Shorten("××××", 3), "××…");
}

TEST(Plural, FollowsTheCount) {
  EXPECT_EQ(Plural(1, "cell", "cells"), "1 cell");
  EXPECT_EQ(Plural(0, "cell", "cells"), "0 cells");
  EXPECT_EQ(Plural(2, "cell", "cells"), "2 cells");
}

TEST(Quantity, HasThreeSignificantDigitsAtLeast) {
  EXPECT_EQ(Quantity(186.4), "186");
  EXPECT_EQ(Quantity(18.64), "18.6");
  EXPECT_EQ(Quantity(1.864), "1.86");
  EXPECT_EQ(Quantity(1), "1.00");
  EXPECT_EQ(Quantity(10), "10.0");
  EXPECT_EQ(Quantity(0.01234), "0.0123");
  EXPECT_EQ(Quantity(999.6), "1,000");
  EXPECT_EQ(Quantity(1234567.8), "1,234,568");
  EXPECT_EQ(Quantity(123456), "123,456");
  EXPECT_EQ(Quantity(0), "0");
}

TEST(Duration, TakesTheUnitThatFits) {
  EXPECT_EQ(Duration(834), "834 µs");
  EXPECT_EQ(Duration(43'100), "43.1 ms");
  EXPECT_EQ(Duration(1'200'000), "1.20 s");
}

TEST(Percent, RoundsToWhole) {
  EXPECT_EQ(Percent(0.964), "96 %");
  EXPECT_EQ(Ratio(1.934), "1.93");
}

std::vector<Column> ThreeColumns() {
  return {{"cell", false, 0, {"long-name", "b"}},
          {"items/s", true, 2, {"1.93", "186"}},
          {"p50", true, 1, {"–", "43 µs"}}};
}

TEST(Table, AlignsItsColumns) {
  EXPECT_THAT(TableLines(ThreeColumns(), 80),
              ElementsAre("cell       items/s    p50\n", "long-name     1.93      –\n",
                          "b              186  43 µs\n"));
}

TEST(Table, DropsTheLeastImportantColumnsWhenNarrow) {
  EXPECT_THAT(TableLines(ThreeColumns(), 25)[0], "cell       items/s    p50\n");
  EXPECT_THAT(TableLines(ThreeColumns(), 24)[0], "cell       items/s\n");
  EXPECT_THAT(TableLines(ThreeColumns(), 17)[0], "cell\n");
}

TEST(Table, ShortensItsFirstColumnWhenNothingIsLeftToDrop) {
  EXPECT_THAT(TableLines({{"cell", false, 0, {"abcdefghijkl"}}, {"v", false, 0, {"ok"}}}, 13),
              ElementsAre("cell       v\n", "abcdefgh…  ok\n"));
}

}  // namespace
}  // namespace coresweep
