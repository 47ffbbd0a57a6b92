#include "harness/core/window_meter.h"

#include <gtest/gtest.h>

namespace coresweep {
namespace {

constexpr Window kWindow{100, 200};

TEST(FractionInWindow, IsOneInsideAndNoneOutside) {
  EXPECT_EQ(FractionInWindow(kWindow, 100, 200), 1);
  EXPECT_EQ(FractionInWindow(kWindow, 120, 130), 1);
  EXPECT_EQ(FractionInWindow(kWindow, 50, 100), 0);
  EXPECT_EQ(FractionInWindow(kWindow, 200, 250), 0);
  EXPECT_EQ(FractionInWindow(kWindow, 10, 20), 0);
  EXPECT_EQ(FractionInWindow(kWindow, 300, 400), 0);
}

TEST(FractionInWindow, CountsInProportionAcrossEachEdge) {
  EXPECT_EQ(FractionInWindow(kWindow, 90, 130), 0.75);
  EXPECT_EQ(FractionInWindow(kWindow, 190, 230), 0.25);
  EXPECT_EQ(FractionInWindow(kWindow, 0, 400), 0.25);
}

TEST(FractionInWindow, PutsAChunkWithoutDurationInOneWindowOnly) {
  EXPECT_EQ(FractionInWindow(kWindow, 100, 100), 0);
  EXPECT_EQ(FractionInWindow(kWindow, 101, 101), 1);
  EXPECT_EQ(FractionInWindow(kWindow, 200, 200), 1);
  EXPECT_EQ(FractionInWindow(kWindow, 201, 201), 0);
}

TEST(FractionInWindow, AddsUpToOneOverWindowsThatTouch) {
  EXPECT_EQ(FractionInWindow({0, 100}, 60, 140) + FractionInWindow({100, 200}, 60, 140), 1);
}

TEST(Window, KnowsItsLength) {
  EXPECT_EQ(kWindow.LengthNs(), 100);
}

}  // namespace
}  // namespace coresweep
