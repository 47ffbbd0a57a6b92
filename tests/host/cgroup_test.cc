#include "harness/host/cgroup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "tests/host/cgroup_machine.h"

namespace coresweep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Cgroup, WithoutAnyMountIsSaid) {
  for (const char* mounts : {"", "23 1 8:1 / / rw - ext4 /dev/root rw\n", "garbage\n\n- - -\n"}) {
    const CgroupFacts facts = CgroupMachine("0::/\n", mounts).Read();
    EXPECT_EQ(facts.cpu_version, 0);
    EXPECT_FALSE(facts.cpu_quota);
    EXPECT_FALSE(facts.memory_limit_bytes);
    EXPECT_EQ(facts.cpu_stat_path, "");
    EXPECT_THAT(facts.warnings, ElementsAre(HasSubstr("no cgroup of the cpu controller")));
  }
}

TEST(Cgroup, WithoutProcIsNotFatal) {
  const TempFolder empty;
  EXPECT_EQ(ReadCgroups(empty.path()).cpu_version, 0);
}

std::optional<ThrottleCounters> ThrottleOf(const std::string& text) {
  const TempFolder folder;
  folder.Write("cpu.stat", text);
  return ReadThrottle((folder.path() / "cpu.stat").string());
}

TEST(Throttle, ReadsMicrosecondsOfV2) {
  const auto counters = ThrottleOf(
      "usage_usec 5\nuser_usec 3\nsystem_usec 2\nnr_periods 40\nnr_throttled 7\nthrottled_usec "
      "123\nnr_bursts 0\nburst_usec 0\n");
  ASSERT_TRUE(counters);
  EXPECT_EQ(counters->nr_periods, 40);
  EXPECT_EQ(counters->nr_throttled, 7);
  EXPECT_EQ(counters->throttled_ns, 123'000);
}

TEST(Throttle, ReadsNanosecondsOfV1) {
  const auto counters = ThrottleOf("nr_periods 40\nnr_throttled 7\nthrottled_time 123456\n");
  ASSERT_TRUE(counters);
  EXPECT_EQ(counters->throttled_ns, 123'456);
}

TEST(Throttle, IsUnknownWithoutCounters) {
  EXPECT_FALSE(ThrottleOf("usage_usec 5\n"));
  EXPECT_FALSE(ThrottleOf(""));
  EXPECT_FALSE(ReadThrottle("/nowhere/cpu.stat"));
  EXPECT_FALSE(ReadThrottle(""));
}

TEST(Throttle, DifferenceIsNeverNegative) {
  const ThrottleDelta grown = Difference({10, 2, 500}, {15, 3, 900});
  EXPECT_EQ(grown.periods, 5);
  EXPECT_EQ(grown.throttled_periods, 1);
  EXPECT_EQ(grown.throttled_ns, 400);
  const ThrottleDelta reset = Difference({10, 2, 500}, {1, 0, 0});  // moved to another cgroup
  EXPECT_EQ(reset.periods + reset.throttled_periods + reset.throttled_ns, 0);
}

}  // namespace
}  // namespace coresweep
