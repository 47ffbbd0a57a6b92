#include "harness/host/trial_fork.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <stdexcept>

namespace coresweep {
namespace {

TEST(TrialFork, SaysThatHarmlessWorkSurvives) {
  EXPECT_TRUE(SurvivesInChild([] {}, 5));
  EXPECT_TRUE(SurvivesInChild([] { throw std::runtime_error("no crash"); }, 5));
}

TEST(TrialFork, SaysThatACrashDoesNot) {
  EXPECT_FALSE(SurvivesInChild([] { raise(SIGKILL); }, 5));
  EXPECT_FALSE(SurvivesInChild([] { _exit(1); }, 5));
}

TEST(TrialFork, EndsWorkThatNeverEnds) {
  std::atomic<unsigned> step = 0;
  EXPECT_FALSE(SurvivesInChild(
      [&] {
        while (true)
          ++step;
      },
      1));
}

TEST(TrialFork, LeavesNothingBehind) {
  int value = 1;
  testing::internal::CaptureStderr();
  EXPECT_TRUE(SurvivesInChild(
      [&] {
        value = 2;
        static_cast<void>(write(STDERR_FILENO, "noise", 5));
      },
      5));
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(value, 1);
}

}  // namespace
}  // namespace coresweep
