#include "workloads/item_maker.h"

#include <gtest/gtest.h>

#include <cstring>
#include <set>
#include <vector>

#include "tests/workloads/workload_testing.h"

namespace coresweep {
namespace {

template <typename T>
std::vector<T> Made(DType dtype, int64_t elements, IntegerRange range = {}, uint64_t seed = 1,
                    int64_t index = 0) {
  std::vector<T> values(static_cast<size_t>(elements));
  FillItem(ItemLayout({{dtype, {elements}}}), range, seed, index,
           std::as_writable_bytes(std::span(values)));
  return values;
}

TEST(RandomBits, AreTheSameOnEveryMachine) {
  EXPECT_EQ(Scramble(0x9e3779b97f4a7c15U), 0xe220a8397b1dcdafU);  // first output of splitmix64(0)
  EXPECT_EQ(RandomBits(0, 0, 0), 0x238275bc38fcbe91U);
  EXPECT_EQ(RandomBits(1, 2, 3), 0x8568f7c4e53b5a35U);
}

TEST(RandomBits, DependOnEachCounter) {
  std::set<uint64_t> seen;
  for (uint64_t seed = 0; seed < 8; ++seed) {
    for (uint64_t item = 0; item < 8; ++item) {
      for (uint64_t element = 0; element < 8; ++element)
        seen.insert(RandomBits(seed, item, element));
    }
  }
  EXPECT_EQ(seen.size(), 512U);
}

TEST(FillItem, MakesTheGoldenValues) {
  EXPECT_EQ(Made<float>(DType::kFloat32, 2), (std::vector<float>{0x1.8c501p-2F, 0x1.e316d8p-1F}));
  EXPECT_EQ(Made<int64_t>(DType::kInt64, 3), (std::vector<int64_t>{95, 28, 33}));
}

TEST(FillItem, FloatsAreUniformFromMinusOneBelowOne) {
  const auto values = Made<float>(DType::kFloat32, 100'000);
  double sum = 0;
  double squares = 0;
  for (const float value : values) {
    ASSERT_GE(value, -1.0F);
    ASSERT_LT(value, 1.0F);
    sum += static_cast<double>(value);
    squares += static_cast<double>(value) * static_cast<double>(value);
  }
  EXPECT_NEAR(sum / 100'000, 0, 0.01);
  EXPECT_NEAR(squares / 100'000, 1.0 / 3, 0.01);
}

TEST(FillItem, EveryFloatTypeHoldsTheSameValuesUpToItsPrecision) {
  const auto wide = Made<double>(DType::kFloat64, 1000);
  const auto halves = Made<uint16_t>(DType::kFloat16, 1000);
  const auto brains = Made<uint16_t>(DType::kBFloat16, 1000);
  const auto singles = Made<float>(DType::kFloat32, 1000);
  for (size_t i = 0; i < wide.size(); ++i) {
    // Distance to zero through the harness's own reader of half precision gives the magnitude.
    const ItemLayout one_half({{DType::kFloat16, {1}}});
    const ItemLayout one_brain({{DType::kBFloat16, {1}}});
    const uint16_t zero = 0;
    const auto magnitude = [&zero](const ItemLayout& layout, const uint16_t& bits) {
      return MaxAbsDiff(layout, std::as_bytes(std::span(&bits, 1)),
                        std::as_bytes(std::span(&zero, 1)));
    };
    const auto sign = [](uint16_t bits) { return (bits & 0x8000) != 0 ? -1.0 : 1.0; };
    EXPECT_NEAR(static_cast<double>(singles[i]), wide[i], 0x1p-23);
    EXPECT_NEAR(sign(halves[i]) * magnitude(one_half, halves[i]), wide[i], 0x1p-10);
    EXPECT_NEAR(sign(brains[i]) * magnitude(one_brain, brains[i]), wide[i], 0x1p-7);
  }
}

template <typename T>
void ExpectRangeFilled(DType dtype, IntegerRange range) {
  std::set<int64_t> seen;
  for (const T value : Made<T>(dtype, 4000, range))
    seen.insert(static_cast<int64_t>(value));
  EXPECT_EQ(*seen.begin(), range.low);
  EXPECT_EQ(*seen.rbegin(), range.high - 1);
  EXPECT_EQ(static_cast<int64_t>(seen.size()), range.high - range.low);
}

TEST(FillItem, IntegersFillTheirRange) {
  ExpectRangeFilled<int64_t>(DType::kInt64, {-3, 5});
  ExpectRangeFilled<int32_t>(DType::kInt32, {0, 10});
  ExpectRangeFilled<int16_t>(DType::kInt16, {-10, 0});
  ExpectRangeFilled<int8_t>(DType::kInt8, {-128, 128});
  ExpectRangeFilled<uint8_t>(DType::kUInt8, {0, 256});
}

TEST(FillItem, BooleansAreZeroAndOne) {
  int ones = 0;
  for (const uint8_t value : Made<uint8_t>(DType::kBool, 1000)) {
    ASSERT_LE(value, 1);
    ones += value;
  }
  EXPECT_NEAR(ones, 500, 100);
}

TEST(FillItem, ItemsAndSeedsDiffer) {
  const auto first = Made<float>(DType::kFloat32, 8, {}, 1, 0);
  EXPECT_EQ(first, Made<float>(DType::kFloat32, 8, {}, 1, 0));
  EXPECT_NE(first, Made<float>(DType::kFloat32, 8, {}, 1, 1));
  EXPECT_NE(first, Made<float>(DType::kFloat32, 8, {}, 2, 0));
}

TEST(FillItem, TensorsOfOneItemDifferAndPaddingIsZero) {
  const ItemLayout layout({{DType::kFloat32, {3}}, {DType::kFloat32, {3}}});
  Bytes item(layout.bytes, std::byte{0xff});
  FillItem(layout, {}, 1, 0, item);
  EXPECT_NE(std::memcmp(item.data(), item.data() + 16, 12), 0);
  for (size_t i = 12; i < 16; ++i)
    EXPECT_EQ(item[i], std::byte{0});
}

}  // namespace
}  // namespace coresweep
