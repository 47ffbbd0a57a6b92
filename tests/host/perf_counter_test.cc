#include "harness/host/perf_counter.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <thread>

#include "harness/base/clock.h"
#include "tests/base/temp_folder.h"

namespace coresweep {
namespace {

using Reading = PerfCounter::Reading;

void UseCpu(int64_t ns) {
  const int64_t until_ns = ThreadCpuNs() + ns;
  while (ThreadCpuNs() < until_ns) {
  }
}

TEST(PerfGrowth, IsTheDifferenceWhenTheCounterAlwaysRan) {
  EXPECT_EQ(Growth(Reading{100, 10, 10}, Reading{175, 30, 30}), 75);
  EXPECT_EQ(Growth(Reading{100, 10, 10}, Reading{100, 30, 30}), 0);
}

TEST(PerfGrowth, IsScaledForTheTimeInWhichOtherCountersRan) {
  // A quarter of the time between the readings; all of the time before.
  EXPECT_EQ(Growth(Reading{1000, 100, 100}, Reading{1050, 500, 200}), 200);
}

TEST(PerfGrowth, IsUnknownWhenTheCounterNeverRan) {
  EXPECT_FALSE(Growth(Reading{7, 100, 50}, Reading{7, 200, 50}));
  EXPECT_FALSE(Growth(Reading{}, Reading{0, 200, 0}));
}

TEST(PerfGrowth, IsUnknownWithoutBothReadings) {
  EXPECT_FALSE(Growth(std::nullopt, Reading{1, 2, 2}));
  EXPECT_FALSE(Growth(Reading{1, 2, 2}, std::optional<Reading>()));
  EXPECT_FALSE(Growth(Reading{8, 2, 2}, Reading{7, 3, 3}));
}

TEST(PerfCounter, CountsThreadsThatAreStartedLater) {
  int error = 0;
  const auto clock = PerfCounter::Open(PerfEvent::kTaskClock, &error);
  if (!clock) GTEST_SKIP() << ExplainPerfRefusal(PerfEvent::kTaskClock, error);
  const auto before = clock->Read();
  ASSERT_TRUE(before);
  constexpr int64_t kEach = 5 * kNsPerMs;
  std::thread([] { UseCpu(kEach); }).join();
  const auto with_thread = Growth(before, clock->Read());
  ASSERT_TRUE(with_thread);
  EXPECT_GE(*with_thread, kEach * 9 / 10);
  UseCpu(kEach);
  EXPECT_GE(*Growth(before, clock->Read()), *with_thread + kEach * 9 / 10);
}

TEST(PerfCounter, DoesNotCountThreadsThatWereThereBefore) {
  std::optional<PerfCounter> clock;
  int64_t used_ns = -1;
  std::thread opener([&] {
    clock = PerfCounter::Open(PerfEvent::kTaskClock);
    if (!clock) return;
    used_ns = ThreadCpuNs();
  });
  opener.join();
  if (!clock) GTEST_SKIP() << "perf_event_open is refused here";
  const auto before = clock->Read();
  UseCpu(20 * kNsPerMs);
  const auto after = clock->Read();
  ASSERT_TRUE(before && after);
  EXPECT_EQ(before->value, after->value);
}

TEST(PerfCounter, OfHardwareCountsAKnownLoopOrIsFoundOut) {
  int error = 0;
  const auto counter = PerfCounter::Open(PerfEvent::kInstructions, &error);
  if (!counter) GTEST_SKIP() << ExplainPerfRefusal(PerfEvent::kInstructions, error);
  const auto before = counter->Read();
  UseCpu(kNsPerMs);
  const auto counted = Growth(before, counter->Read());
  // A counter that is called plausible counts at least an instruction in ten nanoseconds.
  if (CountsPlausibly(*counter)) {
    EXPECT_GT(counted.value_or(0), 100'000);
  }
}

TEST(PerfCounter, OfTheTaskClockIsPlausible) {
  const auto clock = PerfCounter::Open(PerfEvent::kTaskClock);
  if (!clock) GTEST_SKIP() << "perf_event_open is refused here";
  EXPECT_EQ(clock->event(), PerfEvent::kTaskClock);
  EXPECT_TRUE(CountsPlausibly(*clock));
}

TEST(PerfRefusal, NamesTheParanoiaThatCausesIt) {
  const TempFolder root;
  root.Write("/proc/sys/kernel/perf_event_paranoid", "3\n");
  EXPECT_EQ(ExplainPerfRefusal(PerfEvent::kCycles, EACCES, root.path()),
            "EACCES (perf_event_paranoid is 3)");
  root.Write("/proc/sys/kernel/perf_event_paranoid", "2\n");
  EXPECT_EQ(ExplainPerfRefusal(PerfEvent::kMigrations, EACCES, root.path()),
            "EACCES (perf_event_paranoid is 2)");
  // Level 2 lets user mode be counted: something else refused.
  EXPECT_EQ(ExplainPerfRefusal(PerfEvent::kCycles, EPERM, root.path()),
            "EPERM (seccomp profile, or CAP_PERFMON missing)");
  root.Write("/proc/sys/kernel/perf_event_paranoid", "-1\n");
  EXPECT_EQ(ExplainPerfRefusal(PerfEvent::kMigrations, EPERM, root.path()),
            "EPERM (seccomp profile, or CAP_PERFMON missing)");
}

TEST(PerfRefusal, TellsNoPmuFromNoSystemCall) {
  const TempFolder root;
  EXPECT_EQ(ExplainPerfRefusal(PerfEvent::kCycles, ENOENT, root.path()),
            "ENOENT (no PMU, usual in virtual machines)");
  EXPECT_EQ(ExplainPerfRefusal(PerfEvent::kCycles, ENOSYS, root.path()),
            "ENOSYS (not in this kernel)");
  EXPECT_EQ(ExplainPerfRefusal(PerfEvent::kCycles, EMFILE, root.path()), "EMFILE");
  EXPECT_EQ(ExplainPerfRefusal(PerfEvent::kCycles, EACCES, root.path()),
            "EACCES (seccomp profile, or CAP_PERFMON missing)");
}

}  // namespace
}  // namespace coresweep
