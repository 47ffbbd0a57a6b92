#include "harness/core/measurement.h"

#include <gtest/gtest.h>

namespace coresweep {
namespace {

TEST(Outcome, HasTheNamesThatReportsUse) {
  EXPECT_EQ(ToString(Outcome::kOk), "ok");
  EXPECT_EQ(ToString(Outcome::kIncorrect), "incorrect");
  EXPECT_EQ(ToString(Outcome::kDisordered), "disordered");
  EXPECT_EQ(ToString(Outcome::kFailed), "failed");
  EXPECT_EQ(ToString(Outcome::kTimedOut), "timed_out");
  EXPECT_EQ(ToString(Outcome::kInterrupted), "interrupted");
}

TEST(OrderingCounts, AreCleanOnlyWithoutAnyFault) {
  EXPECT_TRUE((OrderingCounts{100, 0, 0, 0, 0, 9, 9, 9}.Clean()));
  EXPECT_FALSE((OrderingCounts{100, 1, 0, 0, 0}.Clean()));
  EXPECT_FALSE((OrderingCounts{100, 0, 1, 0, 0}.Clean()));
  EXPECT_FALSE((OrderingCounts{100, 0, 0, 1, 0}.Clean()));
  EXPECT_FALSE((OrderingCounts{100, 0, 0, 0, 1}.Clean()));
}

}  // namespace
}  // namespace coresweep
