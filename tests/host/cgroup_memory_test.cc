#include "harness/host/cgroup_memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "tests/host/cgroup_machine.h"

namespace coresweep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(CgroupV1, TheLargestNumberIsNoMemoryLimit) {
  for (const char* bytes : {"9223372036854771712\n", "9223372036854710272\n"}) {
    const CgroupFacts facts =
        CgroupMachine("4:memory:/\n", kV1MemoryMount,
                      {{"/sys/fs/cgroup/memory/memory.limit_in_bytes", bytes}})
            .Read();
    EXPECT_FALSE(facts.memory_limit_bytes) << bytes;
  }
}

TEST(CgroupV1, SeesMemoryLimitsAboveTheMountPoint) {
  const CgroupFacts facts =
      CgroupMachine("4:memory:/\n", kV1MemoryMount,
                    {{"/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"},
                     {"/sys/fs/cgroup/memory/memory.stat",
                      "cache 12\nhierarchical_memory_limit 268435456\nrss 1\n"}})
          .Read();
  ASSERT_TRUE(facts.memory_limit_bytes);
  EXPECT_EQ(facts.memory_limit_bytes->value, uint64_t{256} << 20);
  EXPECT_EQ(facts.memory_limit_bytes->source, "/sys/fs/cgroup/memory/memory.stat");
}

/// Memory limits, then limits of memory and swap together, of the own cgroup and its parent.
CgroupFacts WithSwap(const std::map<std::string, std::string>& files) {
  return CgroupMachine("4:memory:/a\n", kV1MemoryMount, files).Read();
}

TEST(CgroupV1, SwapIsWhatTheTwoLimitsDifferBy) {
  const std::string top = "/sys/fs/cgroup/memory/";
  const CgroupFacts facts = WithSwap({{top + "a/memory.limit_in_bytes", "1000\n"},
                                      {top + "memory.limit_in_bytes", "600\n"},
                                      {top + "a/memory.memsw.limit_in_bytes", "900\n"},
                                      {top + "memory.memsw.limit_in_bytes", "5000\n"}});
  ASSERT_TRUE(facts.swap_limit_bytes);
  EXPECT_EQ(facts.swap_limit_bytes->value, 300U);
  EXPECT_EQ(facts.swap_limit_bytes->source, top + "a/memory.memsw.limit_in_bytes");
}

TEST(CgroupV1, SwapIsNeverNegativeAndUnlimitedWithoutItsLimit) {
  const std::string own = "/sys/fs/cgroup/memory/a/";
  EXPECT_EQ(WithSwap({{own + "memory.limit_in_bytes", "1000\n"},
                      {own + "memory.memsw.limit_in_bytes", "900\n"}})
                .swap_limit_bytes->value,
            0U);
  EXPECT_FALSE(WithSwap({{own + "memory.limit_in_bytes", "1000\n"},
                         {own + "memory.memsw.limit_in_bytes", "9223372036854771712\n"}})
                   .swap_limit_bytes);
  EXPECT_FALSE(WithSwap({{own + "memory.limit_in_bytes", "1000\n"}}).swap_limit_bytes);
}

TEST(CgroupV2, MemoryHighDoesNotTakePartInTheLimit) {
  const CgroupFacts facts = CgroupMachine("0::/\n", kV2Mount,
                                          {{"/sys/fs/cgroup/memory.high", "100\n"},
                                           {"/sys/fs/cgroup/memory.max", "200\n"}})
                                .Read();
  EXPECT_EQ(facts.memory_limit_bytes->value, 200U);
  EXPECT_EQ(facts.memory_high_bytes->value, 100U);
  EXPECT_THAT(facts.warnings, ElementsAre(HasSubstr("cpu controller")));
}

}  // namespace
}  // namespace coresweep
