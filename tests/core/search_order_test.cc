#include "harness/core/search_order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>

namespace coresweep {
namespace {

using ::testing::UnorderedElementsAreArray;

constexpr int kOrderRef = PairedLog::kReference;

std::vector<int> Cells(const std::vector<SearchStep>& steps) {
  std::vector<int> cells;
  for (const SearchStep& step : steps)
    cells.push_back(step.cell);
  return cells;
}

std::vector<int> UpTo(int count) {
  std::vector<int> cells(static_cast<size_t>(count));
  std::iota(cells.begin(), cells.end(), 0);
  return cells;
}

TEST(Permuted, HoldsEveryCellOnceAndDependsOnSeedAndStream) {
  const auto order = Permuted(UpTo(50), 1, 2);
  EXPECT_THAT(order, UnorderedElementsAreArray(UpTo(50)));
  EXPECT_EQ(order, Permuted(UpTo(50), 1, 2));
  EXPECT_NE(order, Permuted(UpTo(50), 2, 2));
  EXPECT_NE(order, Permuted(UpTo(50), 1, 3));
}

TEST(Permuted, GivesEveryOrderAlike) {
  std::map<std::vector<int>, int> counts;
  for (uint64_t stream = 0; stream < 6000; ++stream)
    ++counts[Permuted(UpTo(3), 1, stream)];
  ASSERT_EQ(counts.size(), 6U);
  for (const auto& [order, count] : counts)
    EXPECT_NEAR(count, 1000, 130);  // 4.5 standard deviations
}

TEST(PassSteps, LaunchAReferenceBeforeEveryFourthCell) {
  const auto steps = PassSteps(UpTo(9), 4, 2, false, 1);
  const auto cells = Cells(steps);
  ASSERT_EQ(cells.size(), 12U);
  for (size_t i = 0; i < cells.size(); ++i)
    EXPECT_EQ(cells[i] == kOrderRef, i % 5 == 0) << i;
  EXPECT_EQ(steps[1].phase, SearchPhase::kPass);
  EXPECT_EQ(steps[1].round, 2);
}

TEST(PassSteps, EndTheLastPassWithAReference) {
  EXPECT_EQ(Cells(PassSteps({7}, 4, 0, true, 1)), (std::vector<int>{kOrderRef, 7, kOrderRef}));
  EXPECT_TRUE(PassSteps({}, 4, 0, true, 1).empty());
}

TEST(RoundSteps, PutTheIncumbentBesideEveryThreeChallengers) {
  const auto cells = Cells(RoundSteps(100, UpTo(7), 5, 1));
  ASSERT_EQ(cells.size(), 10U);  // 3+1, 3+1, 1+1
  for (const size_t first : {0U, 4U, 8U}) {
    const auto end = cells.begin() + static_cast<std::ptrdiff_t>(std::min(first + 4, cells.size()));
    EXPECT_EQ(std::count(cells.begin() + static_cast<std::ptrdiff_t>(first), end, 100), 1);
  }
  for (const int cell : UpTo(7))
    EXPECT_EQ(std::count(cells.begin(), cells.end(), cell), 1);
  EXPECT_NE(cells, Cells(RoundSteps(100, UpTo(7), 6, 1)));
}

TEST(RoundSteps, LetACoinDecideWhoGoesFirst) {
  int incumbent_first = 0;
  for (int round = 0; round < 4000; ++round) {
    const auto cells = Cells(RoundSteps(100, UpTo(3), round, 1));
    const auto of = [&cells](int cell) { return std::find(cells.begin(), cells.end(), cell); };
    incumbent_first += of(100) < of(1) ? 1 : 0;
  }
  EXPECT_NEAR(incumbent_first, 2000, 140);  // 4.5 standard deviations
}

TEST(BlockSteps, MirrorARandomOrder) {
  const auto cells = Cells(BlockSteps({3, 5, kOrderRef}, 0, 1));
  ASSERT_EQ(cells.size(), 6U);
  const std::vector<int> first(cells.begin(), cells.begin() + 3);
  const std::vector<int> second(cells.rbegin(), cells.rbegin() + 3);
  EXPECT_EQ(first, second);
  EXPECT_THAT(first, UnorderedElementsAreArray({3, 5, kOrderRef}));
}

TEST(Orders, OfDifferentPhasesAreUnrelated) {
  const auto probes = Cells(ProbeSteps(UpTo(20), 1));
  auto pass = Cells(PassSteps(UpTo(20), 4, 0, false, 1));
  pass.erase(std::remove(pass.begin(), pass.end(), kOrderRef), pass.end());
  EXPECT_NE(probes, pass);
}

}  // namespace
}  // namespace coresweep
