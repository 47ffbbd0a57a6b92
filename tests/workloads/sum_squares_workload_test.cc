#include "workloads/sum_squares_workload.h"

#include <gtest/gtest.h>

#include <cstring>
#include <set>

#include "tests/workloads/workload_testing.h"

namespace coresweep {
namespace {

std::unique_ptr<Workload> MakeSum(const std::string& cost, uint64_t seed = 1) {
  WorkloadSpec spec = SpecOf("sum_squares");
  spec.options["cost"] = cost;
  spec.seed = seed;
  return MakeSumSquaresWorkload(spec, {});
}

uint64_t AnswerTo(const std::string& cost, uint64_t start) {
  uint64_t answer = 0;
  MakeSum(cost)->Run(1, std::as_writable_bytes(std::span(&start, 1)),
                     std::as_writable_bytes(std::span(&answer, 1)));
  return answer;
}

TEST(SumSquares, AddsTheSquareOfTheLowHalfOfEachValue) {
  // xorshift of 1: 1 ^ 1<<13 = 0x2001; ^ >>7 = 0x2041; ^ <<17 = 0x40822041.
  EXPECT_EQ(AnswerTo("1", 1), 0x40822041ULL * 0x40822041ULL);
  uint64_t value = 42;
  uint64_t sum = 0;
  for (int i = 0; i < 1000; ++i) {
    value ^= value << 13;
    value ^= value >> 7;
    value ^= value << 17;
    sum += (value & 0xffffffff) * (value & 0xffffffff);
  }
  EXPECT_EQ(AnswerTo("1000", 42), sum);
}

TEST(SumSquares, AnswersOfAllItemsDiffer) {
  const auto workload = MakeSum("10");
  const Bytes answers = AnswersOf(*workload, 0, 1024, 64);
  std::set<uint64_t> seen;
  for (size_t i = 0; i < 1024; ++i) {
    uint64_t answer = 0;
    std::memcpy(&answer, answers.data() + i * 8, 8);
    seen.insert(answer);
  }
  EXPECT_EQ(seen.size(), 1024U);
}

TEST(SumSquares, InstancesAndChunksAgreeAndSeedsDiffer) {
  const auto one = MakeSum("100");
  const auto other = MakeSum("100");
  EXPECT_EQ(AnswersOf(*one, 0, 20, 20), AnswersOf(*other, 0, 20, 3));
  const auto reseeded = MakeSum("100", 2);
  EXPECT_NE(AnswersOf(*one, 0, 1, 1), AnswersOf(*reseeded, 0, 1, 1));
}

TEST(SumSquares, IsExact) {
  const WorkloadInfo info = MakeSum("100")->Info();
  EXPECT_EQ(info.tolerance.absolute, 0);
  EXPECT_EQ(info.answer.bytes, 8U);
  EXPECT_EQ(info.items, 1024);
  EXPECT_NE(info.digest, MakeSum("101")->Info().digest);
}

std::unique_ptr<Workload> MakeWith(const OptionValues& options) {
  WorkloadSpec spec = SpecOf("sum_squares");
  spec.options = options;
  return MakeSumSquaresWorkload(spec, {});
}

/// The answer to `item`: the sum of what each of its values alone gives.
uint64_t SumOverValues(const Bytes& item, const std::string& cost) {
  uint64_t sum = 0;
  for (size_t at = 0; at < item.size(); at += 8) {
    uint64_t value = 0;
    std::memcpy(&value, item.data() + at, 8);
    sum += AnswerTo(cost, value);
  }
  return sum;
}

TEST(SumSquares, AnItemOfSeveralValuesGivesTheirSum) {
  const auto workload = MakeWith({{"cost", "3"}, {"values", "5"}});
  EXPECT_FALSE(workload->Info().item.Varies());
  EXPECT_EQ(workload->Info().item.bytes, 40U);
  EXPECT_EQ(workload->Info().facts.at("iterations_per_item"), "15");
  const Bytes answers = AnswersOf(*workload, 0, 3, 2);
  for (size_t i = 0; i < 3; ++i) {
    uint64_t answer = 0;
    std::memcpy(&answer, answers.data() + 8 * i, 8);
    EXPECT_EQ(answer, SumOverValues(ItemsOf(*workload, static_cast<int64_t>(i), 1), "3"));
  }
}

TEST(SumSquares, ItemsOfVaryingLengthHaveAnswersOfOneSize) {
  const auto workload = MakeWith({{"cost", "3"}, {"values", "20"}, {"vary", "1"}});
  const WorkloadInfo info = workload->Info();
  EXPECT_TRUE(info.item.Varies());
  EXPECT_FALSE(info.answer.Varies());
  EXPECT_EQ(info.item.bytes, 160U);
  EXPECT_EQ(info.facts.at("iterations_per_value"), "3");
  const auto answers = SizedAnswersOf(*workload, 0, 100, 9);
  ASSERT_EQ(answers.size(), 100U);
  std::set<size_t> sizes;
  for (size_t i = 0; i < 100; ++i) {
    const Bytes item = SizedItemOf(*workload, static_cast<int64_t>(i));
    sizes.insert(item.size());
    ASSERT_EQ(answers[i].size(), 8U);
    uint64_t answer = 0;
    std::memcpy(&answer, answers[i].data(), 8);
    EXPECT_EQ(answer, SumOverValues(item, "3")) << i;
  }
  EXPECT_EQ(*sizes.begin(), 8U);
  EXPECT_EQ(*sizes.rbegin(), 160U);
}

TEST(SumSquares, OneValueIsTheWorkloadThatItWas) {
  EXPECT_EQ(MakeWith({{"values", "1"}})->Info().digest, MakeWith({})->Info().digest);
  EXPECT_EQ(MakeWith({})->Info().item.tensors.front().shape, std::vector<int64_t>{});
  EXPECT_NE(MakeWith({{"values", "2"}})->Info().digest, MakeWith({})->Info().digest);
  EXPECT_NE(MakeWith({{"values", "2"}, {"vary", "1"}})->Info().digest,
            MakeWith({{"values", "2"}})->Info().digest);
}

}  // namespace
}  // namespace coresweep
