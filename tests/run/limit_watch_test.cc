#include "harness/run/limit_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coresweep {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(CpuLimits, OfThisProcessAreReadAnewEachTime) {
  EXPECT_EQ(ReadCpuLimits().affinity, GetAffinity());
  EXPECT_THAT(Changes(ReadCpuLimits(), ReadCpuLimits()), IsEmpty());
}

TEST(CpuLimits, ThatAreAsPlannedGiveNoWarning) {
  EXPECT_THAT(Changes({{0, 1}, 1.5}, {{0, 1}, 1.5}), IsEmpty());
}

TEST(CpuLimits, AnotherCpusetIsAWarningWithBothSets) {
  EXPECT_THAT(
      Changes({{0, 1}, {}}, {{1}, {}}),
      ElementsAre(AllOf(HasSubstr("the allowed CPUs changed"), HasSubstr("from 0-1 to 1"))));
}

TEST(CpuLimits, AnotherQuotaIsAWarningWithBothFigures) {
  EXPECT_THAT(Changes({{0}, 1.5}, {{0}, 0.5}), ElementsAre(HasSubstr("from 1.5 CPUs to 0.5 CPUs")));
  EXPECT_THAT(Changes({{0}, {}}, {{0}, 2}), ElementsAre(HasSubstr("from none to 2 CPUs")));
}

}  // namespace
}  // namespace coresweep
