#include "harness/host/sentinel.h"

#include <gtest/gtest.h>

namespace coresweep {
namespace {

TEST(Sentinel, CalibratesToAboutTheTimeAskedFor) {
  // CPU time, which other programs hardly change; a factor of four either way for those that do.
  constexpr int64_t kTargetNs = 10'000'000;
  const SentinelTime time = RunSentinel(CalibrateSentinel(kTargetNs));
  EXPECT_GT(time.cpu_ns, kTargetNs / 4);
  EXPECT_LT(time.cpu_ns, kTargetNs * 4);
  EXPECT_GE(time.wall_ns, time.cpu_ns);
}

TEST(Sentinel, IsNotOptimisedAway) {
  // 10 million dependent steps of two multiplications take more than a nanosecond each on any
  // machine.
  EXPECT_GT(RunSentinel(10'000'000).cpu_ns, 10'000'000);
  EXPECT_GE(CalibrateSentinel(0), 1);
}

}  // namespace
}  // namespace coresweep
