#include "workloads/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/error.h"
#include "tests/workloads/workload_testing.h"

namespace coresweep {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr OptionRule kRules[] = {
    {"cost", 5, 1, 1e12, true, "whole"},
    {"atol", 1e-5, 0, 10, false, "real"},
};

std::string Refusal(const OptionValues& values) {
  return MessageOf<UsageError>([&] { CheckOptions("w", kRules, values); });
}

TEST(Options, DefaultsHoldUnlessGiven) {
  EXPECT_EQ(WholeOption(kRules, {}, "cost"), 5);
  EXPECT_EQ(WholeOption(kRules, {{"cost", "70"}}, "cost"), 70);
  EXPECT_EQ(NumberOption(kRules, {{"cost", "70"}}, "atol"), 1e-5);
  EXPECT_EQ(NumberOption(kRules, {{"atol", "2.5e-3"}}, "atol"), 2.5e-3);
}

TEST(Options, BoundsBelongToTheRange) {
  EXPECT_EQ(Refusal({{"cost", "1"}, {"atol", "10"}}), "");
  EXPECT_EQ(Refusal({{"cost", "1000000000000"}, {"atol", "0"}}), "");
}

TEST(Options, UnknownKeyNamesTheKnownOnes) {
  EXPECT_THAT(Refusal({{"costs", "1"}}),
              AllOf(HasSubstr("--option costs=1"), HasSubstr("cost, atol")));
  EXPECT_THAT(MessageOf<UsageError>([] {
                CheckOptions("w", {}, {{"a", "1"}});
              }),
              HasSubstr("it has none"));
}

TEST(Options, ValuesThatAreNoNumberOrOutOfRangeAreRefused) {
  for (const char* text : {"", "abc", "0", "-1", "1.5", "2x", "1e13", "nan", "inf", " 3"}) {
    EXPECT_THAT(Refusal({{"cost", text}}), HasSubstr("not a whole number from 1 to 1000000000000"))
        << text;
  }
  EXPECT_THAT(Refusal({{"atol", "-0.1"}}), HasSubstr("--option atol=-0.1: not a number from 0 to"));
}

TEST(ItemCount, IsTheUsersElseTheDefaultRaisedToTheLargestChunk) {
  WorkloadSpec spec;
  EXPECT_EQ(ItemCount(spec, 64), 64);
  spec.least_items = 100;
  EXPECT_EQ(ItemCount(spec, 64), 100);
  spec.items = 7;
  EXPECT_EQ(ItemCount(spec, 64), 7);
}

TEST(OptionsDigest, DependsOnNameAndValuesAlone) {
  EXPECT_EQ(OptionsDigest("w", kRules, {}), OptionsDigest("w", kRules, {{"cost", "5"}}));
  EXPECT_NE(OptionsDigest("w", kRules, {}), OptionsDigest("w", kRules, {{"cost", "6"}}));
  EXPECT_NE(OptionsDigest("w", kRules, {}), OptionsDigest("v", kRules, {}));
}

}  // namespace
}  // namespace coresweep
