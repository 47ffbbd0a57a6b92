#include "harness/core/counter_random.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <limits>

namespace coresweep {
namespace {

// Worked out by an independent Python program on big integers.
TEST(CounterRandom, WordsAreTheSameEverywhere) {
  EXPECT_EQ(Mix64(0x9e3779b97f4a7c15U), 0xe220a8397b1dcdafU);  // first output of splitmix64(0)
  EXPECT_EQ(CounterRandom(0, 0).Word(0), 0x238275bc38fcbe91U);
  EXPECT_EQ(CounterRandom(0, 0).Word(2), 0x47200e1d9780fa44U);
  EXPECT_EQ(CounterRandom(1, 0).Word(0), 0xb18a02f46d8d86c3U);
  EXPECT_EQ(CounterRandom(1, 2).Word(1), 0xfeab9a052c034d9fU);
  EXPECT_EQ(CounterRandom(std::numeric_limits<uint64_t>::max(), 7).Word(2), 0xf3ae08ce08d09c90U);
  EXPECT_EQ(CounterRandom(1, 0).Uniform(0), 0.6935121390102292);
}

TEST(CounterRandom, CoinsAreFairAndUnrelatedBetweenStreamsAndSeeds) {
  constexpr uint64_t kTosses = 20000;
  int heads = 0;
  std::array<int, 3> same{};  // as: the toss before, the next stream, the next seed
  const CounterRandom coins(5, 0);
  for (uint64_t i = 0; i < kTosses; ++i) {
    heads += coins.Coin(i) ? 1 : 0;
    same[0] += coins.Coin(i) == coins.Coin(i + 1) ? 1 : 0;
    same[1] += coins.Coin(i) == CounterRandom(5, 1).Coin(i) ? 1 : 0;
    same[2] += coins.Coin(i) == CounterRandom(6, 0).Coin(i) ? 1 : 0;
  }
  EXPECT_NEAR(heads, 10000, 283);  // four standard deviations: sqrt(20000)/2 each
  for (const int count : same)
    EXPECT_NEAR(count, 10000, 283);
}

}  // namespace
}  // namespace coresweep
