#include "harness/core/search_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/error.h"

namespace coresweep {
namespace {

SearchPlan Good() {
  SearchPlan plan;
  plan.cells = 3;
  return plan;
}

template <typename Change>
std::string Refusal(Change change) {
  SearchPlan plan = Good();
  change(plan);
  try {
    CheckSearchPlan(plan);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(SearchPlan, RefusesWhatCannotBeSearchedAndSaysWhatInstead) {
  EXPECT_EQ(Refusal([](SearchPlan&) {}), "");
  EXPECT_EQ(Refusal([](SearchPlan& p) { p.cells = 0; }),
            "search: no cell to search; use a grid with at least one cell");
  EXPECT_EQ(Refusal([](SearchPlan& p) { p.eps = 0; }), "search: eps is 0; use 0 < eps < 1");
  EXPECT_EQ(Refusal([](SearchPlan& p) { p.delta = 1; }), "search: delta is 1; use 0 < delta < 1");
  EXPECT_EQ(Refusal([](SearchPlan& p) { p.passes = 0; }), "search: 0 passes; use 1 or more");
  EXPECT_EQ(Refusal([](SearchPlan& p) { p.race_size = 1; }), "search: a race of 1; use 2 or more");
  EXPECT_EQ(Refusal([](SearchPlan& p) { p.reference_every = 0; }),
            "search: a reference every 0; use 1 or more");
  EXPECT_EQ(Refusal([](SearchPlan& p) { p.race_rounds = 0; }),
            "search: 0 rounds of the race; use 1 or more");
  EXPECT_EQ(Refusal([](SearchPlan& p) { p.confirmation_blocks = -1; }),
            "search: -1 blocks of the confirmation; use 0 or more");
  EXPECT_EQ(Refusal([](SearchPlan& p) {
              p.rank = {1, 2};
            }),
            "search: 2 ranks for 3 cells; use one a cell or none");
  EXPECT_EQ(Refusal([](SearchPlan& p) { p.names = {"a"}; }),
            "search: 1 names for 3 cells; use one a cell or none");
  EXPECT_EQ(Refusal([](SearchPlan& p) { p.default_cell = 3; }),
            "search: the default is cell 3 of 3; use an index into the cells");
}

TEST(SearchPlan, HasFivePassesOrThreeWhenCertified) {
  SearchPlan plan = Good();
  EXPECT_EQ(PassesOf(plan), 5);
  plan.mode = SearchMode::kCertified;
  EXPECT_EQ(PassesOf(plan), 3);
  plan.passes = 7;
  EXPECT_EQ(PassesOf(plan), 7);
}

TEST(SearchPlan, PrefersTheLeastRankThenTheFirstCell) {
  SearchPlan plan = Good();
  EXPECT_TRUE(Preferred(plan, 0, 1));
  plan.rank = {2, 1, 1};
  EXPECT_TRUE(Preferred(plan, 1, 0));
  EXPECT_TRUE(Preferred(plan, 1, 2));
  EXPECT_FALSE(Preferred(plan, 2, 1));
}

TEST(SearchMode, NamesGoThereAndBack) {
  for (const auto mode : {SearchMode::kQuick, SearchMode::kCertified, SearchMode::kAll})
    EXPECT_EQ(ParseSearchMode(ToString(mode)), mode);
  EXPECT_EQ(ParseSearchMode("fast"), std::nullopt);
}

}  // namespace
}  // namespace coresweep
