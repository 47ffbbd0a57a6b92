#include "workloads/varied_size.h"

#include <gtest/gtest.h>

namespace coresweep {
namespace {

TEST(VariedSize, LiesBetweenThePartThatStaysAndTheLargest) {
  for (uint64_t random = 0; random < 100; ++random) {
    EXPECT_EQ(VariedSize(10, 0, 1, random), 10);
    EXPECT_EQ(VariedSize(10, 0.45, 1, random),
              6 + static_cast<int64_t>(random % 5));  // up from 5.5
    EXPECT_EQ(VariedSize(10, 1, 0, random), static_cast<int64_t>(random % 11));
  }
}

TEST(VariedSize, IsNeverBelowTheLeast) {
  for (uint64_t random = 0; random < 100; ++random) {
    EXPECT_EQ(VariedSize(10, 1, 8, random), 8 + static_cast<int64_t>(random % 3));
    EXPECT_EQ(VariedSize(8, 1, 8, random), 8);
  }
}

}  // namespace
}  // namespace coresweep
