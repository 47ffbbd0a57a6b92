#include "harness/host/worker_meter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cstddef>
#include <latch>
#include <string>
#include <thread>

#include "harness/base/clock.h"
#include "harness/base/cpu_set.h"
#include "harness/host/perf_counter.h"
#include "harness/host/task_counters.h"

namespace coresweep {
namespace {

using testing::HasSubstr;

constexpr int64_t kWork = 5 * kNsPerMs;

void UseCpuFor(int64_t ns) {
  const int64_t until_ns = ThreadCpuNs() + ns;
  while (ThreadCpuNs() < until_ns) {
  }
}

TEST(WorkerMeter, CountsNothingBeforeItBegins) {
  const WorkerMeter meter(true);
  const WorkerUse use = meter.End();
  EXPECT_EQ(use.interval_ns, 0);
  EXPECT_EQ(use.cpu_ns, 0);
  EXPECT_FALSE(use.run_queue_ns);
}

TEST(WorkerMeter, OfAProcessCountsAllItsThreads) {
  WorkerMeter meter(true);
  meter.Begin();
  std::thread([] { UseCpuFor(kWork); }).join();
  UseCpuFor(kWork);
  const WorkerUse use = meter.End();
  EXPECT_GE(use.cpu_ns, 2 * kWork);
  EXPECT_GE(use.interval_ns, 2 * kWork);
}

/// What a meter counts while another thread, there before it, uses 4 * kWork and this one waits.
WorkerUse UseOfNeighbour(bool alone) {
  std::latch begun(1);
  std::latch used(1);
  std::thread neighbour([&] {
    begun.wait();
    UseCpuFor(4 * kWork);
    used.count_down();
  });
  WorkerMeter meter(alone);
  meter.Begin();
  begun.count_down();
  used.wait();
  WorkerUse use = meter.End();
  neighbour.join();
  return use;
}

TEST(WorkerMeter, OfAnInstanceDoesNotCountItsNeighbours) {
  const WorkerUse use = UseOfNeighbour(false);
  EXPECT_LT(use.cpu_ns, 2 * kWork);
  EXPECT_GE(use.interval_ns, 4 * kWork);
}

TEST(WorkerMeter, OfAProcessCountsThreadsThatWereThereBefore) {
  EXPECT_GE(UseOfNeighbour(true).cpu_ns, 4 * kWork);
}

TEST(WorkerMeter, OfAnInstanceCountsThreadsThatItStartsWherePerfAllows) {
  if (!PerfCounter::Open(PerfEvent::kTaskClock)) GTEST_SKIP() << "perf_event_open is refused here";
  WorkerMeter meter(false);
  meter.Begin();
  std::thread([] { UseCpuFor(kWork); }).join();
  EXPECT_GE(meter.End().cpu_ns, kWork * 9 / 10);
}

TEST(WorkerMeter, CountsPageFaultsOfTheInterval) {
  constexpr size_t kPage = 4096;
  constexpr size_t kPages = 300;
  for (const bool alone : {true, false}) {
    WorkerMeter meter(alone);
    void* const memory =
        mmap(nullptr, kPages * kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ASSERT_NE(memory, MAP_FAILED);
    madvise(memory, kPages * kPage, MADV_NOHUGEPAGE);
    meter.Begin();
    for (size_t page = 0; page < kPages; ++page)
      static_cast<volatile std::byte*>(memory)[page * kPage] = std::byte{1};
    const WorkerUse use = meter.End();
    munmap(memory, kPages * kPage);
    EXPECT_GE(use.minor_faults, 50) << alone;  // some kernels map more than one page at a fault
    EXPECT_LT(use.minor_faults, 100'000) << alone;
    EXPECT_GE(use.major_faults, 0);
  }
}

TEST(WorkerMeter, CountsVoluntarySwitches) {
  WorkerMeter meter(false);
  meter.Begin();
  for (int i = 0; i < 5; ++i)
    SleepUntil(NowNs() + 100 * kNsPerUs);
  EXPECT_GE(meter.End().voluntary_switches, 5);
}

TEST(WorkerMeter, CountsMigrationsAndSaysWhereFrom) {
  const CpuSet all = GetAffinity();
  if (all.Count() < 2) GTEST_SKIP() << "needs two CPUs";
  for (const bool alone : {true, false}) {
    WorkerMeter meter(alone);
    ASSERT_EQ(SetAffinity(CpuSet{all.ToVector()[0]}), 0);
    meter.Begin();
    for (int i = 1; i <= 6; ++i)
      ASSERT_EQ(SetAffinity(CpuSet{all.ToVector()[static_cast<size_t>(i % 2)]}), 0);
    const WorkerUse use = meter.End();
    ASSERT_EQ(SetAffinity(all), 0);
    if (!use.migrations) {
      EXPECT_FALSE(TaskCounter(TaskStatistic::kMigrations, TaskScope::kProcess).Read());
      continue;
    }
    EXPECT_GE(*use.migrations, 6);
    EXPECT_LT(*use.migrations, 1000);
    const bool by_perf = PerfCounter::Open(PerfEvent::kMigrations).has_value();
    EXPECT_THAT(use.counters, HasSubstr(by_perf ? "perf_event_open (migrations" : "task/*/sched"));
  }
}

TEST(WorkerMeter, CountsRunQueueDelayOfThreadsThatShareACpu) {
  if (!TaskCounter(TaskStatistic::kRunQueueNs, TaskScope::kProcess).Read()) {
    GTEST_SKIP() << "no schedstat here";
  }
  const CpuSet all = GetAffinity();
  const CpuSet one{all.ToVector().back()};
  WorkerMeter meter(true);
  meter.Begin();
  ASSERT_EQ(SetAffinity(one), 0);
  std::thread rival([] { UseCpuFor(4 * kWork); });  // inherits the mask
  UseCpuFor(4 * kWork);
  // Whichever went first, the other waited; while the rival lives both can be read.
  const WorkerUse use = meter.End();
  rival.join();
  ASSERT_EQ(SetAffinity(all), 0);
  ASSERT_TRUE(use.run_queue_ns);
  EXPECT_GT(*use.run_queue_ns, 0);
}

TEST(WorkerMeter, NamesTheHardwareCountersThatItHas) {
  WorkerMeter meter(true);
  meter.Begin();
  UseCpuFor(kWork);
  const WorkerUse use = meter.End();
  EXPECT_EQ(use.counters.find("cycles") != std::string::npos, use.cycles.has_value());
  EXPECT_EQ(use.counters.find("instructions") != std::string::npos, use.instructions.has_value());
  EXPECT_EQ(use.counters.find("cache misses") != std::string::npos, use.cache_misses.has_value());
  EXPECT_EQ(use.counters.empty(), !use.migrations && !use.cycles && !use.instructions);
  if (use.instructions) {
    EXPECT_GT(*use.instructions, 100'000);
  }
}

TEST(WorkerMeter, BeginsAnewEachTime) {
  WorkerMeter meter(true);
  meter.Begin();
  UseCpuFor(4 * kWork);
  const int64_t first_ns = meter.End().cpu_ns;
  meter.Begin();
  EXPECT_LT(meter.End().cpu_ns, first_ns);
}

}  // namespace
}  // namespace coresweep
