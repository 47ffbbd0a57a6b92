#include "harness/core/change_points.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "harness/base/error.h"
#include "harness/core/counter_random.h"

namespace coresweep {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::Le;

/// Normally distributed, by Box and Muller.
double NormalNoise(const CounterRandom& random, uint64_t index) {
  return std::sqrt(-2 * std::log(1 - random.Uniform(2 * index))) *
         std::cos(2 * std::numbers::pi * random.Uniform(2 * index + 1));
}

/// `levels` one after the other, `length` values each with 1 % of noise.
std::vector<double> Steps(const std::vector<double>& levels, size_t length, uint64_t seed) {
  const CounterRandom random(seed, 7);
  std::vector<double> values;
  for (const double level : levels) {
    for (size_t i = 0; i < length; ++i)
      values.push_back(level * (1 + 0.01 * NormalNoise(random, values.size())));
  }
  return values;
}

/// Q of the definition, summed term by term: `values` cut at `t`, the right part up to `k`.
double SlowQ(const std::vector<double>& values, size_t t, size_t k) {
  double between = 0, left = 0, right = 0;
  for (size_t i = 0; i < t; ++i) {
    for (size_t j = t; j < k; ++j)
      between += std::abs(values[i] - values[j]);
    for (size_t j = i + 1; j < t; ++j)
      left += std::abs(values[i] - values[j]);
  }
  for (size_t i = t; i < k; ++i) {
    for (size_t j = i + 1; j < k; ++j)
      right += std::abs(values[i] - values[j]);
  }
  const auto n = static_cast<double>(t);
  const auto m = static_cast<double>(k - t);
  return n * m / (n + m) *
         (2 * between / (n * m) - 2 * left / (n * (n - 1)) - 2 * right / (m * (m - 1)));
}

TEST(ChangePoints, FindsAStepAndItsPlace) {
  const auto changes = FindChangePoints(Steps({100, 90}, 12, 1), {});
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].index, 12U);
  EXPECT_DOUBLE_EQ(changes[0].p_value, 0.001);  // no permutation of 999 is as great
}

TEST(ChangePoints, FindsStepsThereAndBack) {
  EXPECT_THAT(FindChangePoints(Steps({100, 90, 100, 80}, 15, 2), {}),
              AllOf(ElementsAre(Field(&ChangePoint::index, 15U), Field(&ChangePoint::index, 30U),
                                Field(&ChangePoint::index, 45U)),
                    Each(Field(&ChangePoint::p_value, Le(0.01)))));
}

TEST(ChangePoints, TheFirstChangeIsWhereTheDefinitionIsGreatest) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const std::vector<double> values = Steps({100, 97}, 8, seed);
    size_t best = 0;
    double greatest = 0;
    for (size_t t = 3; t + 3 <= values.size(); ++t) {
      for (size_t k = t + 3; k <= values.size(); ++k) {
        if (const double q = SlowQ(values, t, k); q > greatest + 1e-9) {
          greatest = q;
          best = t;
        }
      }
    }
    ChangePointSetup setup;
    setup.significance = 0.999;
    const auto changes = FindChangePoints(values, setup);
    EXPECT_THAT(changes, ::testing::Contains(Field(&ChangePoint::index, best))) << seed;
  }
}

TEST(ChangePoints, NoiseAloneChangesSeldom) {
  int found = 0;
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    if (!FindChangePoints(Steps({100}, 30, seed), {}).empty()) ++found;
  }
  EXPECT_LE(found, 6);  // 1 expected; 7 or more of 100 have a chance below 1e-4
}

TEST(ChangePoints, OneOutlierIsNoChange) {
  auto values = Steps({100}, 30, 3);
  values[15] = 10;
  EXPECT_THAT(FindChangePoints(values, {}), IsEmpty());
}

TEST(ChangePoints, EqualAndFewValuesHaveNone) {
  EXPECT_THAT(FindChangePoints(std::vector<double>(40, 5.0), {}), IsEmpty());
  EXPECT_THAT(FindChangePoints(std::vector<double>{1, 1, 1, 9, 9}, {}), IsEmpty());
  EXPECT_THAT(FindChangePoints(std::vector<double>{}, {}), IsEmpty());
}

TEST(ChangePoints, TheSameSeedGivesTheSameAnswer) {
  const auto values = Steps({100, 99}, 20, 5);
  ChangePointSetup setup;
  setup.significance = 0.5;
  EXPECT_EQ(FindChangePoints(values, setup), FindChangePoints(values, setup));
}

TEST(ChangePoints, NumbersThatMakeNoSenseAreRefused) {
  for (const ChangePointSetup& setup :
       {ChangePointSetup{0, 999, 3, 1}, ChangePointSetup{1, 999, 3, 1},
        ChangePointSetup{0.0001, 999, 3, 1}, ChangePointSetup{0.01, 0, 3, 1},
        ChangePointSetup{0.01, 999, 1, 1}})
    EXPECT_THROW(FindChangePoints(std::vector<double>{1, 2}, setup), UsageError);
}

}  // namespace
}  // namespace coresweep
