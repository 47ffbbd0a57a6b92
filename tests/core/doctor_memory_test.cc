#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/core/quiet_host.h"

namespace coresweep {
namespace {

using testing::HasSubstr;

constexpr uint64_t kMib = uint64_t{1} << 20;

TEST(DoctorMemory, WarnsOfLittleMemoryForEachCpu) {
  HostFacts facts = QuietHost();
  facts.memory_limit_bytes = {6000 * kMib, "/cg/memory.max"};
  EXPECT_EQ(Found(facts, "memory-limit-small").id, "");
  facts.memory_limit_bytes->value = 3000 * kMib;  // less than half of the machine
  EXPECT_EQ(Found(facts, "memory-limit-small").severity, "note");
  facts.memory_limit_bytes->value = 1000 * kMib;
  const Finding finding = Found(facts, "memory-limit-small");
  EXPECT_EQ(finding.severity, "warning");
  EXPECT_THAT(finding.text, HasSubstr("1000 MiB (/cg/memory.max), 500 MiB for each"));
}

TEST(DoctorMemory, SwapMattersAtALimitWhereThereIsAny) {
  HostFacts facts = QuietHost();
  EXPECT_EQ(Found(facts, "swap-allowed").id, "");
  facts.memory_limit_bytes = {6000 * kMib, "/cg/memory.max"};
  EXPECT_THAT(Found(facts, "swap-allowed").text, HasSubstr("up to 1 GiB"));
  facts.swap_limit_bytes = {300 * kMib, "/cg/memory.swap.max"};
  EXPECT_THAT(Found(facts, "swap-allowed").text, HasSubstr("300 MiB"));
  facts.swap_limit_bytes->value = 0;
  EXPECT_EQ(Found(facts, "swap-allowed").id, "");
  facts.swap_limit_bytes.reset();
  facts.swap_total_bytes = 0;
  EXPECT_EQ(Found(facts, "swap-allowed").id, "");
}

TEST(DoctorMemory, WarnsOfReclaimBeforeTheLimit) {
  HostFacts facts = QuietHost();
  facts.memory_limit_bytes = {6000 * kMib, "/cg/memory.max"};
  facts.memory_high_bytes = {6000 * kMib, "/cg/memory.high"};
  EXPECT_EQ(Found(facts, "memory-high-below-max").id, "");
  facts.memory_high_bytes->value = 900 * kMib;
  EXPECT_THAT(Found(facts, "memory-high-below-max").text, HasSubstr("900 MiB (/cg/memory.high)"));
}

TEST(DoctorMemory, WarnsOfTooFewProcesses) {
  HostFacts facts = QuietHost();
  facts.pids_max->value = 24;  // 2 x 2 + 2 x 2 + 16
  EXPECT_EQ(Found(facts, "pids-max-small").id, "");
  facts.pids_max->value = 23;
  EXPECT_THAT(Found(facts, "pids-max-small").text, HasSubstr("at most 23 processes"));
  facts.system.rlimits["nproc"] = 23;
  EXPECT_THAT(Found(facts, "nproc-small").remedy, HasSubstr("ulimit -u 24"));
  facts.system.capabilities = {"CAP_SYS_RESOURCE"};  // the limit is not for such
  EXPECT_EQ(Found(facts, "nproc-small").id, "");
}

TEST(DoctorMemory, NotesSmallSharedMemory) {
  HostFacts facts = QuietHost();
  facts.dev_shm_bytes = 64 * kMib;
  EXPECT_THAT(Found(facts, "dev-shm-small").text, HasSubstr("64 MiB"));
  facts.dev_shm_bytes = 65 * kMib;
  EXPECT_EQ(Found(facts, "dev-shm-small").id, "");
  facts.dev_shm_bytes.reset();
  EXPECT_EQ(Found(facts, "dev-shm-small").severity, "note");
}

}  // namespace
}  // namespace coresweep
