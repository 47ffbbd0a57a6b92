#include "harness/run/dispatcher_seat.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/error.h"

namespace coresweep {
namespace {

TEST(DispatcherSeat, BindsTheThreadAndGivesItsMaskBack) {
  const CpuSet before = GetAffinity();
  const CpuSet last{before.ToVector().back()};
  {
    const DispatcherSeat seat(last);
    EXPECT_EQ(GetAffinity(), last);
  }
  EXPECT_EQ(GetAffinity(), before);
}

TEST(DispatcherSeat, WithoutCpusLeavesTheThreadAlone) {
  const CpuSet before = GetAffinity();
  const DispatcherSeat seat{CpuSet()};
  EXPECT_EQ(GetAffinity(), before);
}

TEST(DispatcherSeat, SaysWhatTheKernelRefused) {
  const CpuSet before = GetAffinity();
  try {
    const DispatcherSeat seat(CpuSet{900'000});
    FAIL() << "no machine has that CPU";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(),
                testing::HasSubstr("dispatcher to CPUs 900000: Invalid argument (EINVAL)"));
    EXPECT_THAT(error.what(), testing::HasSubstr("allowed are " + before.ToList()));
  }
  EXPECT_EQ(GetAffinity(), before);
}

}  // namespace
}  // namespace coresweep
