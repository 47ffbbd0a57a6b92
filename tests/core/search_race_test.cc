#include "harness/core/search_race.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "harness/core/counter_random.h"

namespace coresweep {
namespace {

constexpr double kEps = 0.05;
constexpr double kDelta = 0.05;

using TimeOf = std::function<std::optional<double>(int cell, int round)>;

void RunRound(SearchRace& race, const TimeOf& time_of) {
  const auto steps = race.Round(1);
  std::vector<std::optional<double>> times;
  for (const SearchStep& step : steps)
    times.push_back(time_of(step.cell, step.round));
  race.Judge(steps, times);
}

const Racer& Of(const SearchRace& race, int cell) {
  for (const Racer& racer : race.Racers()) {
    if (racer.cell == cell) return racer;
  }
  throw std::out_of_range("no such racer");
}

/// Rounds until the standing of `cell` is no longer `from`.
int RoundsToLeave(SearchRace& race, int cell, Standing from, const TimeOf& time_of) {
  int rounds = 0;
  while (Of(race, cell).standing == from && rounds < 1000) {
    RunRound(race, time_of);
    ++rounds;
  }
  return rounds;
}

TEST(SearchRace, ShowsAClearlySlowerChallengerInNineRounds) {
  // delta/2 for the first incumbent, half of it for tests to drop: evidence of 80. Nine equal signs
  // give (1.2^9 + 1.4^9 + 1.6^9 + 1.8^9 + 1.9^9) / 5 = 122, eight give 68.
  SearchRace race(kEps, kDelta, {0, 1, 2});
  const auto time_of = [](int cell, int) { return cell == 0 ? 1.0 : 1.2; };
  EXPECT_EQ(RoundsToLeave(race, 1, Standing::kRacing, time_of), 9);
  EXPECT_TRUE(race.Decided());
  EXPECT_EQ(race.Incumbent(), 0);
  EXPECT_EQ(Of(race, 1).standing, Standing::kSlower);
  EXPECT_EQ(Of(race, 2).standing, Standing::kSlower);
  EXPECT_EQ(Of(race, 1).differences, std::vector<double>(9, std::log(1.2)));
  EXPECT_TRUE(race.Round(1).empty());
}

TEST(SearchRace, ReplacesTheIncumbentWhenAChallengerIsShownToBeFaster) {
  // Evidence of 80 for one challenger, 560 for seven: nine and eleven signs (436 for ten).
  const auto time_of = [](int cell, int) { return cell == 1 ? 0.8 : 1.0; };
  SearchRace pair(kEps, kDelta, {0, 1});
  EXPECT_EQ(RoundsToLeave(pair, 1, Standing::kRacing, time_of), 9);
  EXPECT_EQ(pair.Incumbent(), 1);
  EXPECT_EQ(Of(pair, 0).standing, Standing::kSlower);
  EXPECT_EQ(Of(pair, 0).against, 1);
  EXPECT_TRUE(pair.Decided());

  SearchRace eight(kEps, kDelta, {0, 1, 2, 3, 4, 5, 6, 7});
  const auto others_fail_to_tell = [](int cell, int round) {
    return cell == 1 ? 0.8 : cell == 0 ? 1.0 : round % 2 == 0 ? 0.9 : 1.1;
  };
  EXPECT_EQ(RoundsToLeave(eight, 1, Standing::kRacing, others_fail_to_tell), 12);
  EXPECT_EQ(eight.Incumbent(), 1);
  EXPECT_EQ(Of(eight, 2).against, 1);
  EXPECT_TRUE(Of(eight, 2).differences.empty()) << "evidence against the old incumbent is void";
}

TEST(SearchRace, AsksForTwiceTheEvidenceAfterEachReplacement) {
  SearchRace race(kEps, kDelta, {0, 1, 2});
  const auto time_of = [](int cell, int round) {
    if (cell == 1) return 0.8;
    if (cell == 0) return 1.0;
    return round % 2 == 0 ? 0.7 : 1.3;  // until the second incumbent, no evidence
  };
  RoundsToLeave(race, 1, Standing::kRacing, time_of);
  ASSERT_EQ(race.Incumbent(), 1);
  const auto slower = [](int cell, int) { return cell == 1 ? 0.8 : 1.0; };
  EXPECT_EQ(RoundsToLeave(race, 2, Standing::kRacing, slower), 10);  // evidence of 160
}

TEST(SearchRace, CallsEqualCellsTied) {
  SearchRace race(kEps, kDelta, {0, 1});
  const auto time_of = [](int cell, int round) {
    return cell == 0 ? 1.0 : round % 2 == 0 ? 1.01 : 0.99;
  };
  EXPECT_EQ(RoundsToLeave(race, 1, Standing::kRacing, time_of), 9);
  EXPECT_EQ(Of(race, 1).standing, Standing::kTied);
  EXPECT_TRUE(race.Decided());
}

TEST(SearchRace, ACellSlowerInMostRoundsRacesOnUntilItIsShown) {
  SearchRace race(kEps, kDelta, {0, 1});
  const auto time_of = [](int cell, int round) {
    return cell == 0 ? 1.0 : round % 10 == 4 ? 0.99 : 1.01;  // never faster by more than 5 %
  };
  EXPECT_GT(RoundsToLeave(race, 1, Standing::kRacing, time_of), 9);
  EXPECT_EQ(Of(race, 1).standing, Standing::kSlower);
}

TEST(SearchRace, ExactTiesBetNothing) {
  SearchRace race(kEps, kDelta, {0, 1});
  const double border = std::exp(-std::log1p(kEps));
  for (int i = 0; i < 100; ++i)
    RunRound(race, [border](int cell, int) { return cell == 0 ? 1.0 : border; });
  // d = −log(1+eps) up to rounding is faster for sure: replaced, not dropped.
  EXPECT_EQ(race.Incumbent(), 1);
  SearchRace equal(kEps, kDelta, {0, 1});
  for (int i = 0; i < 100; ++i)
    RunRound(equal, [](int, int) { return 1.0; });
  EXPECT_EQ(Of(equal, 1).standing, Standing::kTied) << "never slower, never faster";
}

TEST(SearchRace, AFailedLaunchGivesNoDifference) {
  SearchRace race(kEps, kDelta, {0, 1, 2});
  RunRound(race, [](int cell, int) { return cell == 1 ? std::nullopt : std::optional(1.0); });
  EXPECT_TRUE(Of(race, 1).differences.empty());
  EXPECT_EQ(Of(race, 2).differences.size(), 1U);
}

TEST(SearchRace, WithoutItsIncumbentBringsBackWhatThatOneSentOut) {
  SearchRace race(kEps, kDelta, {0, 1, 2, 3});
  race.Fail(3);
  RoundsToLeave(race, 1, Standing::kRacing, [](int cell, int) { return cell == 0 ? 1.0 : 1.2; });
  ASSERT_TRUE(race.Decided());
  race.Fail(0);
  EXPECT_EQ(race.Incumbent(), 1);
  EXPECT_FALSE(race.Decided());
  EXPECT_EQ(Of(race, 2).standing, Standing::kRacing);
  EXPECT_EQ(Of(race, 2).against, 1);
  EXPECT_TRUE(Of(race, 2).differences.empty());
  EXPECT_EQ(Of(race, 3).standing, Standing::kFailed);
  race.Fail(1);
  race.Fail(2);
  EXPECT_EQ(race.Incumbent(), std::nullopt);
  EXPECT_TRUE(race.Round(1).empty());
}

TEST(SearchRace, OfOneCellIsDecided) {
  const SearchRace race(kEps, kDelta, {4});
  EXPECT_TRUE(race.Decided());
  EXPECT_EQ(race.Incumbent(), 4);
}

/// Share of races that end with a winner more than eps slower than some cell: n cells, of which the
/// last is just that much faster than the incumbent, under noise without a median of its own.
double WrongShare(int cells, int races) {
  int wrong = 0;
  for (int i = 0; i < races; ++i) {
    const CounterRandom random(17, static_cast<uint64_t>(i));
    uint64_t drawn = 0;
    std::vector<int> all;
    for (int cell = 0; cell < cells; ++cell)
      all.push_back(cell);
    SearchRace race(kEps, kDelta, all);
    while (!race.Decided() && race.NextRound() < 60) {
      RunRound(race, [&](int cell, int) {
        const double speed = cell == cells - 1 ? 1 / (1.0001 + kEps) : 1.0;
        return speed * std::exp(0.5 * random.Uniform(drawn++));
      });
    }
    wrong += race.Decided() && race.Incumbent() != cells - 1 ? 1 : 0;
  }
  return static_cast<double>(wrong) / races;
}

TEST(SearchRace, IsWrongNoMoreOftenThanItsRisk) {
  EXPECT_LE(WrongShare(2, 4000), kDelta);
  EXPECT_LE(WrongShare(6, 1500), kDelta);
}

}  // namespace
}  // namespace coresweep
