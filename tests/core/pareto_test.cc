#include "harness/core/pareto.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coresweep {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(ParetoFront, HasWhatNoOtherBeatsByWhatShallBeLittle) {
  EXPECT_THAT(
      ParetoFront(std::vector<ParetoPoint>{{3, 30}, {1, 10}, {2, 5}, {2, 20}, {4, 30}, {5, 40}}),
      ElementsAre(1, 3, 0, 5));
}

TEST(ParetoFront, HasOneOfEqualPointsTheFirst) {
  EXPECT_THAT(ParetoFront(std::vector<ParetoPoint>{{2, 7}, {1, 7}, {1, 7}}), ElementsAre(1));
}

TEST(ParetoFront, ValuesMayBeNegative) {
  EXPECT_THAT(ParetoFront(std::vector<ParetoPoint>{{1, -20}, {2, -10}, {3, -15}}),
              ElementsAre(0, 1));
}

TEST(ParetoFront, OfNothingIsNothing) {
  EXPECT_THAT(ParetoFront({}), IsEmpty());
}

}  // namespace
}  // namespace coresweep
