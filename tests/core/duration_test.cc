#include "harness/core/duration.h"

#include <gtest/gtest.h>

namespace coresweep {
namespace {

TEST(SecondsOf, ReadsSecondsMinutesAndHours) {
  EXPECT_EQ(SecondsOf("90s"), 90);
  EXPECT_EQ(SecondsOf("90"), 90);
  EXPECT_EQ(SecondsOf("0.5"), 0.5);
  EXPECT_EQ(SecondsOf("10m"), 600);
  EXPECT_EQ(SecondsOf("1.5h"), 5400);
  EXPECT_EQ(SecondsOf("168h"), 604'800);
}

TEST(SecondsOf, ReadsSeveralUnitsTheLongestFirst) {
  EXPECT_EQ(SecondsOf("1h30m"), 5400);
  EXPECT_EQ(SecondsOf("1h5s"), 3605);
  EXPECT_EQ(SecondsOf("0h2m3.5s"), 123.5);
}

TEST(SecondsOf, RefusesAnythingElse) {
  for (const char* text : {"",     "s",    "m",    "-5",    "0",    "0s",      "ten",  "10x",
                           "10 m", " 10",  "10mm", "nan",   "inf",  "1e999",   "169h", "1,5h",
                           "+5",   "0x10", "5m10", "10s5m", "1h1h", "167h61m", "-0h5s"})
    EXPECT_EQ(SecondsOf(text), std::nullopt) << text;
}

TEST(DurationText, IsForPeople) {
  EXPECT_EQ(DurationText(0.5), "0.5 s");
  EXPECT_EQ(DurationText(12.34), "12.3 s");
  EXPECT_EQ(DurationText(60), "1 min");
  EXPECT_EQ(DurationText(600), "10 min");
  EXPECT_EQ(DurationText(3725), "1 h 2 min 5 s");
  EXPECT_EQ(DurationText(7200), "2 h");
}

}  // namespace
}  // namespace coresweep
