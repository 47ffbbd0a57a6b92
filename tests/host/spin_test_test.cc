#include "harness/host/spin_test.h"

#include <gtest/gtest.h>

#include <thread>

#include "harness/base/clock.h"
#include "harness/host/thread_readback.h"

namespace coresweep {
namespace {

constexpr double kShortS = 0.03;
constexpr int64_t kShortPeriodUs = 10'000;

TEST(SpinShare, IsTheCpuTimeBetweenTheEdges) {
  SpinShare share(1000, 2000);
  EXPECT_TRUE(share.Turn(0, 900));
  EXPECT_TRUE(share.Turn(100, 1000));
  EXPECT_TRUE(share.Turn(600, 1500));
  EXPECT_TRUE(share.Turn(1099, 1999));
  EXPECT_FALSE(share.Turn(1100, 2000));
  EXPECT_EQ(share.got_ns(), 1000);
}

TEST(SpinShare, OfAThrottledThreadIsExactThoughItReadsLate) {
  SpinShare share(100 * kNsPerMs, 400 * kNsPerMs);
  EXPECT_TRUE(share.Turn(50 * kNsPerMs, 50 * kNsPerMs));
  // Stopped at 50 and at 350, until 150 and 450.
  EXPECT_TRUE(share.Turn(50 * kNsPerMs, 150 * kNsPerMs));
  for (int64_t now_ns = 150 * kNsPerMs; now_ns <= 350 * kNsPerMs; now_ns += kNsPerMs / 2)
    EXPECT_TRUE(share.Turn(now_ns - 100 * kNsPerMs, now_ns));
  EXPECT_FALSE(share.Turn(250 * kNsPerMs, 450 * kNsPerMs));
  EXPECT_EQ(share.got_ns(), 200 * kNsPerMs);
}

/// Turns of 0.1 ms, with a pause of `pause_ns` after `at_turn` during which the thread's clock goes
/// on by `cpu_pause_ns`; it shows in that clock one turn later with `between_the_clocks`.
int64_t ShareWithPause(int64_t pause_ns, int64_t cpu_pause_ns, bool between_the_clocks) {
  constexpr int64_t kTurnNs = kNsPerMs / 10;
  SpinShare share(kNsPerMs, kNsPerMs + 100 * kTurnNs + pause_ns);
  int64_t now_ns = kNsPerMs;
  int64_t cpu_ns = 0;
  bool more = share.Turn(cpu_ns, now_ns);
  for (int turn = 1; more; ++turn) {
    now_ns += kTurnNs + (turn == 40 ? pause_ns : 0);
    cpu_ns += kTurnNs + (turn == (between_the_clocks ? 41 : 40) ? cpu_pause_ns : 0);
    more = share.Turn(cpu_ns, now_ns);
  }
  return share.got_ns();
}

TEST(SpinShare, LeavesOutPausesInWhichTheThreadsClockRanOn) {
  constexpr int64_t kTen = 10 * kNsPerMs;
  for (const bool between : {false, true}) {
    // As a hypervisor that takes the CPU away without telling: a turn's own time goes with it.
    const int64_t got_ns = ShareWithPause(kTen, kTen, between);
    EXPECT_LE(got_ns, kTen) << between;
    EXPECT_GE(got_ns, kTen * 98 / 100) << between;
    // As a scheduler that ran another thread: the clock stood still already.
    EXPECT_EQ(ShareWithPause(kTen, 0, between), kTen) << between;
  }
}

TEST(SpinShare, KeepsTheStepsOfACoarseClock) {
  // A sandbox whose thread clock moves by 10 ms at a time.
  constexpr int64_t kStep = 10 * kNsPerMs;
  constexpr int64_t kTurn = 10 * kNsPerUs;
  SpinShare share(0, 10 * kStep);
  int64_t now_ns = 0;
  while (share.Turn(now_ns / kStep * kStep, now_ns))
    now_ns += kTurn;
  EXPECT_GE(share.got_ns(), 10 * (kStep - 2 * kTurn));
  EXPECT_LE(share.got_ns(), 10 * kStep);
}

TEST(MeasureCpus, FindsNoMoreThanThereAre) {
  const CpuSet allowed = GetAffinity();
  std::thread([] {}).join();  // with which the thread sanitizer starts one of its own
  const int threads_before = CountThreads();
  const auto measured = MeasureCpus(allowed, kShortS, kShortPeriodUs);
  ASSERT_TRUE(measured);
  EXPECT_GT(measured->cpus, 0);
  EXPECT_LE(measured->cpus, allowed.Count() * 1.01);
  EXPECT_EQ(measured->threads, allowed.Count());
  // The kernel may show a joined thread for a moment more.
  const Deadline deadline = Deadline::After(5 * kNsPerS);
  while (CountThreads() > threads_before && !deadline.Passed())
    std::this_thread::yield();
  EXPECT_LE(CountThreads(), threads_before);
  EXPECT_EQ(GetAffinity(), allowed);
}

TEST(MeasureCpus, FindsOneCpuInASetOfOne) {
  const auto measured =
      MeasureCpus(CpuSet{GetAffinity().ToVector().back()}, kShortS, kShortPeriodUs);
  ASSERT_TRUE(measured);
  EXPECT_GT(measured->cpus, 0);
  EXPECT_LE(measured->cpus, 1.01);
  EXPECT_EQ(measured->threads, 1);
}

TEST(MeasureCpus, TakesWholePeriodsAndAtLeastThree) {
  const CpuSet one{GetAffinity().ToVector().front()};
  EXPECT_DOUBLE_EQ(MeasureCpus(one, 0.001, 0)->seconds, 0.3);
  EXPECT_DOUBLE_EQ(MeasureCpus(one, 0.001, kShortPeriodUs)->seconds, 0.03);
  EXPECT_DOUBLE_EQ(MeasureCpus(one, 0.03, kShortPeriodUs)->seconds, 0.03);
  EXPECT_DOUBLE_EQ(MeasureCpus(one, 0.031, kShortPeriodUs)->seconds, 0.04);
  EXPECT_DOUBLE_EQ(MeasureCpus(one, 0.07, kShortPeriodUs)->seconds, 0.07);  // not exact in binary
}

TEST(MeasureCpus, IsNotDoneWithoutTimeOrCpus) {
  EXPECT_FALSE(MeasureCpus(GetAffinity(), 0, kShortPeriodUs));
  EXPECT_FALSE(MeasureCpus(GetAffinity(), -1, kShortPeriodUs));
  EXPECT_FALSE(MeasureCpus({}, kShortS, kShortPeriodUs));
}

TEST(MeasureCpus, LeavesOutCpusThatRefuseToBeBound) {
  constexpr int kNoSuchCpu = 1'000'000;
  EXPECT_FALSE(MeasureCpus({kNoSuchCpu}, kShortS, kShortPeriodUs));
  CpuSet cpus{GetAffinity().ToVector().front()};
  for (int i = 0; i < 8; ++i)
    cpus.Add(kNoSuchCpu + i);
  const auto measured = MeasureCpus(cpus, kShortS, kShortPeriodUs);
  ASSERT_TRUE(measured);
  EXPECT_EQ(measured->threads, 1);
  EXPECT_LE(measured->cpus, 1.01);
}

TEST(MeasureUsableCpus, FillsTheFactsOrLeavesThemEmpty) {
  HostFacts facts;
  facts.allowed = CpuSet{GetAffinity().ToVector().front()};
  facts.cpu_period_us = kShortPeriodUs;
  MeasureUsableCpus(facts, kShortS);
  ASSERT_TRUE(facts.measured);
  EXPECT_EQ(facts.measured->threads, 1);
  MeasureUsableCpus(facts, 0);
  EXPECT_FALSE(facts.measured);
}

}  // namespace
}  // namespace coresweep
