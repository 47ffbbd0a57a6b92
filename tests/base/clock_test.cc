#include "harness/base/clock.h"

#include <gtest/gtest.h>

namespace coresweep {
namespace {

TEST(Clock, NeverGoesBack) {
  int64_t last = NowNs();
  for (int i = 0; i < 1000; ++i) {
    const int64_t now = NowNs();
    ASSERT_GE(now, last);
    last = now;
  }
}

TEST(Clock, ConvertsSecondsToTheNearestNanosecond) {
  EXPECT_EQ(SecondsToNs(1.5), 1'500'000'000);
  EXPECT_EQ(SecondsToNs(0.0000000026), 3);
  EXPECT_EQ(SecondsToNs(-0.0000000026), -3);
  EXPECT_EQ(SecondsToNs(0), 0);
  EXPECT_DOUBLE_EQ(NsToSeconds(2'500'000'000), 2.5);
}

TEST(Deadline, HasPassedFromItsTimeOn) {
  EXPECT_TRUE(Deadline(NowNs()).Passed());
  EXPECT_TRUE(Deadline::After(-kNsPerS).Passed());
  EXPECT_FALSE(Deadline::After(3600 * kNsPerS).Passed());
}

TEST(Deadline, IsCountedFromNow) {
  const int64_t before = NowNs();
  const Deadline deadline = Deadline::After(5 * kNsPerS);
  EXPECT_GE(deadline.at_ns(), before + 5 * kNsPerS);
  EXPECT_LE(deadline.at_ns(), NowNs() + 5 * kNsPerS);
}

TEST(Deadline, NeverHasNegativeTimeLeft) {
  EXPECT_EQ(Deadline(0).RemainingMs(), 0);
}

TEST(Deadline, RoundsTimeLeftUpSoThatPollDoesNotSpin) {
  // With 0.6 ms left, a time rounded down would be 0 until the deadline. It may pass while we ask.
  const Deadline soon = Deadline::After(600 * kNsPerUs);
  const int left_ms = soon.RemainingMs();
  EXPECT_TRUE(left_ms == 1 || soon.Passed()) << left_ms;
  EXPECT_GT(Deadline::After(3600 * kNsPerS).RemainingMs(), 0);
}

TEST(Deadline, StaysInTheRangeOfPoll) {
  EXPECT_EQ(Deadline::After(1'000'000 * kNsPerS).RemainingMs(), 1'000'000);
}

}  // namespace
}  // namespace coresweep
