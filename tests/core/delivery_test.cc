#include "harness/core/delivery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coresweep {
namespace {

TEST(Delivery, NamesAreInTheOrderOfTheEnumerators) {
  EXPECT_EQ(ToString(Dispatch::kDynamic), "dynamic");
  EXPECT_EQ(ToString(Dispatch::kStatic), "static");
  EXPECT_EQ(ToString(Dispatch::kGuided), "guided");
  EXPECT_EQ(ToString(Dispatch::kPull), "pull");
  EXPECT_EQ(ToString(Wait::kAdaptive), "adaptive");
  EXPECT_EQ(ToString(Wait::kBlock), "block");
  EXPECT_EQ(ToString(Wait::kSpin), "spin");
  EXPECT_EQ(ToString(Order::kInput), "input");
  EXPECT_EQ(ToString(Order::kCompletion), "completion");
  EXPECT_EQ(ToString(OnWorkerDeath::kFail), "fail");
  EXPECT_EQ(ToString(OnWorkerDeath::kReplace), "replace");
  EXPECT_EQ(ToString(WorkerStart::kSpawn), "spawn");
  EXPECT_EQ(ToString(WorkerStart::kZygote), "zygote");
}

/// Every name of `names` is read as a value of that name, and nothing else is.
template <typename Parse>
void ExpectReadBack(std::span<const std::string_view> names, Parse parse) {
  for (const std::string_view name : names) {
    ASSERT_TRUE(parse(name).has_value()) << name;
    EXPECT_EQ(ToString(*parse(name)), name);
  }
  for (const std::string_view other : {"", "Dynamic", "spinning", "pul"})
    EXPECT_EQ(parse(other), std::nullopt) << other;
}

TEST(Delivery, NamesAreReadBack) {
  ExpectReadBack(DispatchNames(), ParseDispatch);
  ExpectReadBack(WaitNames(), ParseWait);
  ExpectReadBack(OrderNames(), ParseOrder);
  ExpectReadBack(OnWorkerDeathNames(), ParseOnWorkerDeath);
  ExpectReadBack(WorkerStartNames(), ParseWorkerStart);
}

}  // namespace
}  // namespace coresweep
