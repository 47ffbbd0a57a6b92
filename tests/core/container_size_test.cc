#include "harness/core/container_size.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace coresweep {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> Names(const std::vector<ContainerSize>& sizes) {
  std::vector<std::string> names;
  for (const ContainerSize& size : sizes)
    names.push_back(size.name + fmt::format("{:g}x{:g}", size.vcpus, size.memory));
  return names;
}

SizeGrid Free() {
  SizeGrid grid;
  grid.kind = GridKind::kFree;
  grid.vcpus = {1, 4, 0.1};
  grid.memory = {1, 16, 0.1};
  return grid;
}

/// As Fargate's: 0.25 vCPU with 0.5, 1, 2; 1 with 2–8 by 1; 8 with 16–60 by 4.
SizeGrid Table() {
  SizeGrid grid;
  grid.kind = GridKind::kTable;
  grid.rows = {{0.25, {0.5, 1, 0.5}}, {0.25, {2, 2, 1}}, {1, {2, 8, 1}}, {8, {16, 60, 4}}};
  return grid;
}

/// As Azure Container Apps': 0.25–4 vCPUs, twice as much memory.
SizeGrid RatioGrid() {
  SizeGrid grid;
  grid.kind = GridKind::kRatio;
  grid.vcpus = {0.25, 4, 0.25};
  grid.memory_per_vcpu = 2;
  return grid;
}

SizeGrid Fixed() {
  SizeGrid grid;
  grid.kind = GridKind::kFixed;
  grid.sizes = {{"S ", 2, 8, 1e-5}, {"M ", 4, 16, 2e-5}, {"MM ", 4, 32, 3e-5}, {"L ", 8, 32, {}}};
  return grid;
}

TEST(RoundedUpTo, GoesToTheNextStepAndStaysOnOne) {
  const SizeRange range{1, 4, 0.1};
  EXPECT_EQ(RoundedUp(range, 0.2), 1);
  EXPECT_EQ(RoundedUp(range, 1), 1);
  EXPECT_EQ(RoundedUp(range, 1.1), 1.1);  // 1.1 is no double: it must not become 1.2
  EXPECT_EQ(RoundedUp(range, 1.11), 1.2);
  EXPECT_EQ(RoundedUp(range, 4), 4);
  EXPECT_EQ(RoundedUp(range, 4.01), std::nullopt);
}

TEST(RoundedUpTo, MultiplesOfAStep) {
  EXPECT_EQ(RoundedUp(1, 1.2), 2);  // "1.2 cores are charged as 2 cores"
  EXPECT_EQ(RoundedUp(1, 2), 2);
  EXPECT_EQ(RoundedUp(0.1, 0.3), 0.3);
  EXPECT_EQ(RoundedUp(0.1, 0.31), 0.4);
}

TEST(SizesThatHold, OfAFreeGridAreThoseAskedForThenWholeVcpus) {
  EXPECT_THAT(Names(SizesThatHold(Free(), {1.5, 2.05}, 9)),
              ElementsAre("1.5x2.1", "2x2.1", "3x2.1", "4x2.1"));
  EXPECT_THAT(Names(SizesThatHold(Free(), {0.5, 0.2}, 1)), ElementsAre("1x1"));
  EXPECT_THAT(SizesThatHold(Free(), {4.1, 1}, 9), IsEmpty());
  EXPECT_THAT(SizesThatHold(Free(), {1, 16.05}, 9), IsEmpty());
}

TEST(SizesThatHold, OfATableGoToTheRowWhoseMemoryReaches) {
  EXPECT_THAT(Names(SizesThatHold(Table(), {0.2, 0.4}, 9)), ElementsAre("0.25x0.5", "1x2", "8x16"));
  EXPECT_THAT(Names(SizesThatHold(Table(), {0.25, 1.5}, 1)), ElementsAre("0.25x2"));
  EXPECT_THAT(Names(SizesThatHold(Table(), {0.25, 2.5}, 1)), ElementsAre("1x3"));
  EXPECT_THAT(Names(SizesThatHold(Table(), {1, 8}, 1)), ElementsAre("1x8"));
  EXPECT_THAT(Names(SizesThatHold(Table(), {1, 8.1}, 1)), ElementsAre("8x16"));
  EXPECT_THAT(Names(SizesThatHold(Table(), {2, 17}, 1)), ElementsAre("8x20"));
  EXPECT_THAT(SizesThatHold(Table(), {8, 61}, 9), IsEmpty());
}

TEST(SizesThatHold, OfARatioBuyVcpusForMemory) {
  EXPECT_THAT(Names(SizesThatHold(RatioGrid(), {1, 1}, 2)), ElementsAre("1x2", "2x4"));
  EXPECT_THAT(Names(SizesThatHold(RatioGrid(), {1, 2.1}, 1)), ElementsAre("1.25x2.5"));
  EXPECT_THAT(Names(SizesThatHold(RatioGrid(), {0.3, 0.1}, 1)), ElementsAre("0.5x1"));
  EXPECT_THAT(SizesThatHold(RatioGrid(), {1, 8.1}, 9), IsEmpty());
}

TEST(SizesThatHold, OfFixedOnesAreTheSmallestOfEachNumberOfVcpus) {
  EXPECT_THAT(Names(SizesThatHold(Fixed(), {1, 1}, 9)), ElementsAre("S 2x8", "M 4x16", "L 8x32"));
  EXPECT_THAT(Names(SizesThatHold(Fixed(), {1, 17}, 1)), ElementsAre("MM 4x32"));
}

TEST(SizeNamed, FindsWhatTheGridHas) {
  EXPECT_EQ(SizeNamed(Free(), "1.5x2")->vcpus, 1.5);
  EXPECT_EQ(SizeNamed(Table(), "0.25x2")->memory, 2);
  EXPECT_EQ(SizeNamed(RatioGrid(), "0.5x1")->memory, 1);
  EXPECT_EQ(SizeNamed(Fixed(), "M ")->memory, 16);
  EXPECT_EQ(SizeNamed(Fixed(), "4x32")->name, "MM ");
}

TEST(SizeNamed, RefusesWhatItDoesNotHave) {
  EXPECT_FALSE(SizeNamed(Free(), "5x2"));
  EXPECT_FALSE(SizeNamed(Free(), "1.55x2"));
  EXPECT_FALSE(SizeNamed(Table(), "0.25x1.5"));
  EXPECT_FALSE(SizeNamed(Table(), "8x18"));
  EXPECT_FALSE(SizeNamed(RatioGrid(), "1x4"));
  for (const char* text : {"", "x", "4", "4x", "x4", "4x4x4", "1e3x4", ".x4", "-1x4", "XL"})
    EXPECT_FALSE(SizeNamed(Free(), text)) << text;
}

}  // namespace
}  // namespace coresweep
