#include "harness/core/tensor_spec.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "harness/base/error.h"

namespace coresweep {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

template <typename T>
std::span<const std::byte> Bytes(const std::vector<T>& values) {
  return std::as_bytes(std::span<const T>(values));
}

ItemLayout Lone(DType dtype, int64_t elements) {
  return ItemLayout({{dtype, {elements}}});
}

double DiffOf(float a, float b) {
  return MaxAbsDiff(Lone(DType::kFloat32, 1), Bytes(std::vector{a}), Bytes(std::vector{b}));
}

bool CloseFloats(float a, float b, Tolerance tolerance) {
  return AllClose(Lone(DType::kFloat32, 1), Bytes(std::vector{a}), Bytes(std::vector{b}),
                  tolerance);
}

TEST(DType, EveryNameIsReadBack) {
  for (const DType dtype :
       {DType::kFloat32, DType::kFloat64, DType::kFloat16, DType::kBFloat16, DType::kInt64,
        DType::kInt32, DType::kInt16, DType::kInt8, DType::kUInt8, DType::kBool}) {
    EXPECT_EQ(ParseDType(ToString(dtype)), dtype);
  }
}

TEST(DType, AliasesAreReadAndUnknownNamesAreNot) {
  EXPECT_EQ(ParseDType("float"), DType::kFloat32);
  EXPECT_EQ(ParseDType("double"), DType::kFloat64);
  EXPECT_EQ(ParseDType("half"), DType::kFloat16);
  EXPECT_EQ(ParseDType("long"), DType::kInt64);
  EXPECT_EQ(ParseDType("int"), DType::kInt32);
  EXPECT_EQ(ParseDType("short"), DType::kInt16);
  EXPECT_EQ(ParseDType("complex64"), std::nullopt);
  EXPECT_EQ(ParseDType(""), std::nullopt);
}

TEST(DType, SizesAndKindsAreThoseOfPyTorch) {
  EXPECT_EQ(ElementBytes(DType::kFloat64), 8U);
  EXPECT_EQ(ElementBytes(DType::kBFloat16), 2U);
  EXPECT_EQ(ElementBytes(DType::kBool), 1U);
  EXPECT_TRUE(IsFloating(DType::kFloat16));
  EXPECT_FALSE(IsFloating(DType::kInt64));
}

TEST(TensorSpec, CountsElementsAndBytes) {
  const TensorSpec image{DType::kFloat32, {3, 224, 224}};
  EXPECT_EQ(image.Elements(), 150528);
  EXPECT_EQ(image.Bytes(), 602112U);
  EXPECT_EQ(image.ToText(), "float32[3,224,224]");
  const TensorSpec scalar{DType::kInt64, {}};
  EXPECT_EQ(scalar.Elements(), 1);
  EXPECT_EQ(scalar.ToText(), "int64[]");
}

TEST(ItemLayout, LoneTensorIsNotPadded) {
  const ItemLayout layout({{DType::kInt8, {5}}});
  EXPECT_EQ(layout.offsets, (std::vector<size_t>{0}));
  EXPECT_EQ(layout.bytes, 5U);
}

TEST(ItemLayout, OfSeveralTensorsEachStartsAtAMultipleOf16InEveryItem) {
  const ItemLayout layout({{DType::kInt8, {5}}, {DType::kFloat32, {5}}, {DType::kBool, {}}});
  EXPECT_EQ(layout.offsets, (std::vector<size_t>{0, 16, 48}));
  EXPECT_EQ(layout.bytes, 64U);
}

TEST(MaxAbsDiff, IsTheLargestOverAllTensors) {
  const ItemLayout layout({{DType::kFloat32, {4}}, {DType::kFloat32, {4}}});
  std::vector<float> a(8, 1.0F);
  std::vector<float> b = a;
  b[2] = 1.25F;
  b[7] = -1.0F;
  EXPECT_EQ(MaxAbsDiff(layout, Bytes(a), Bytes(b)), 2.0);
}

TEST(MaxAbsDiff, IgnoresThePaddingBetweenTensors) {
  const ItemLayout layout({{DType::kFloat32, {1}}, {DType::kFloat32, {1}}});
  std::vector<float> a(8, 0.0F);
  std::vector<float> b = a;
  b[1] = 99;
  EXPECT_EQ(MaxAbsDiff(layout, Bytes(a), Bytes(b)), 0.0);
}

TEST(MaxAbsDiff, NanEqualsNanAndAnInfinityItself) {
  EXPECT_EQ(DiffOf(kNan, kNan), 0.0);
  EXPECT_EQ(DiffOf(kInf, kInf), 0.0);
  EXPECT_TRUE(std::isinf(DiffOf(kNan, 1)));
  EXPECT_TRUE(std::isinf(DiffOf(1, kNan)));
  EXPECT_TRUE(std::isinf(DiffOf(kInf, -kInf)));
  EXPECT_TRUE(std::isinf(DiffOf(kInf, kNan)));
}

TEST(MaxAbsDiff, SeesADifferenceOfOneBetweenLargeIntegers) {
  const std::vector<int64_t> a{INT64_MAX, INT64_MIN};
  const std::vector<int64_t> b{INT64_MAX - 1, INT64_MIN};
  EXPECT_EQ(MaxAbsDiff(Lone(DType::kInt64, 2), Bytes(a), Bytes(b)), 1.0);
}

TEST(MaxAbsDiff, SpansTheWholeRangeOfIntegers) {
  const std::vector<int64_t> a{INT64_MAX};
  const std::vector<int64_t> b{INT64_MIN};
  EXPECT_EQ(MaxAbsDiff(Lone(DType::kInt64, 1), Bytes(a), Bytes(b)), 0x1p64);
  const std::vector<int8_t> c{-128};
  const std::vector<int8_t> d{127};
  EXPECT_EQ(MaxAbsDiff(Lone(DType::kInt8, 1), Bytes(c), Bytes(d)), 255.0);
}

TEST(MaxAbsDiff, ReadsHalfPrecision) {
  // 1.0, the smallest subnormal, -2.0, +infinity against zeros and itself.
  const std::vector<uint16_t> a{0x3c00, 0x0001, 0xc000, 0x7c00};
  const std::vector<uint16_t> b{0x3c00, 0x0000, 0xc000, 0x7c00};
  EXPECT_EQ(MaxAbsDiff(Lone(DType::kFloat16, 4), Bytes(a), Bytes(b)), std::ldexp(1.0, -24));
  const std::vector<uint16_t> c{0xc000};
  const std::vector<uint16_t> d{0x3c01};
  EXPECT_EQ(MaxAbsDiff(Lone(DType::kFloat16, 1), Bytes(c), Bytes(d)), 3.0 + std::ldexp(1.0, -10));
}

TEST(MaxAbsDiff, ReadsBrainFloats) {
  const std::vector<uint16_t> a{0x3f80};  // 1.0
  const std::vector<uint16_t> b{0xc000};  // -2.0
  EXPECT_EQ(MaxAbsDiff(Lone(DType::kBFloat16, 1), Bytes(a), Bytes(b)), 3.0);
}

TEST(MaxAbsDiff, ReadsUnalignedAnswers) {
  std::vector<std::byte> a(9);
  std::vector<std::byte> b(9);
  b[8] = std::byte{1};
  const ItemLayout layout = Lone(DType::kInt64, 1);
  EXPECT_EQ(MaxAbsDiff(layout, std::span(a).subspan(1), std::span(b).subspan(1)), 0x1p56);
}

TEST(AllClose, IsAbsolutePlusRelativeToTheReference) {
  EXPECT_TRUE(CloseFloats(1.5F, 1.0F, {0.25, 0.25}));
  EXPECT_FALSE(CloseFloats(1.51F, 1.0F, {0.25, 0.25}));
  EXPECT_TRUE(CloseFloats(1.0F, 2.0F, {0, 0.5}));   // relative to the second, the reference
  EXPECT_FALSE(CloseFloats(2.0F, 1.0F, {0, 0.5}));  // and not to the first
  EXPECT_TRUE(CloseFloats(-1.0F, -2.0F, {0, 0.5}));
}

TEST(AllClose, ToleratesNothingOppositeNanOrInfinity) {
  EXPECT_TRUE(CloseFloats(kNan, kNan, {}));
  EXPECT_TRUE(CloseFloats(kInf, kInf, {}));
  EXPECT_FALSE(CloseFloats(1, kInf, {1, 1}));
  EXPECT_FALSE(CloseFloats(kInf, 1, {1, 1}));
  EXPECT_FALSE(CloseFloats(kNan, 1, {1, 1}));
}

TEST(AllClose, IntegersAndBooleansMustBeEqual) {
  const std::vector<int32_t> a{1000000};
  const std::vector<int32_t> b{1000001};
  EXPECT_FALSE(AllClose(Lone(DType::kInt32, 1), Bytes(a), Bytes(b), {10, 10}));
  EXPECT_TRUE(AllClose(Lone(DType::kInt32, 1), Bytes(a), Bytes(a), {}));
  const std::vector<uint8_t> yes{1};
  const std::vector<uint8_t> no{0};
  EXPECT_FALSE(AllClose(Lone(DType::kBool, 1), Bytes(yes), Bytes(no), {10, 10}));
}

TEST(ItemLayout, OfVariableSizeIsAnyNumberOfElementsUpToTheLargest) {
  const ItemLayout layout({{DType::kInt32, {3}}}, Sizing::kVariable);
  EXPECT_EQ(layout.bytes, 12U);
  for (const size_t size : {0U, 4U, 8U, 12U})
    EXPECT_TRUE(layout.Allows(size));
  for (const size_t size : {1U, 11U, 16U})
    EXPECT_FALSE(layout.Allows(size));
  const ItemLayout fixed({{DType::kInt32, {3}}});
  EXPECT_TRUE(fixed.Allows(12));
  EXPECT_FALSE(fixed.Allows(8));
}

TEST(ItemLayout, OnlyALoneTensorMayVary) {
  const std::vector<TensorSpec> two(2);
  EXPECT_THROW(ItemLayout(two, Sizing::kVariable), Error);
}

TEST(Sizing, IsReadBackFromItsName) {
  for (const Sizing sizing : {Sizing::kFixed, Sizing::kVariable})
    EXPECT_EQ(ParseSizing(ToString(sizing)), sizing);
  EXPECT_EQ(ParseSizing("elastic"), std::nullopt);
}

TEST(AllClose, ComparesAnswersOfVariableSizeOverTheirWholeLength) {
  const ItemLayout layout({{DType::kFloat32, {4}}}, Sizing::kVariable);
  const std::vector<float> a{1, 2, 3};
  const std::vector<float> b{1, 2, 3.5F};
  EXPECT_TRUE(AllClose(layout, Bytes(a), Bytes(a), {}));
  EXPECT_FALSE(AllClose(layout, Bytes(a), Bytes(b), {}));
  EXPECT_EQ(MaxAbsDiff(layout, Bytes(a), Bytes(b)), 0.5);
  EXPECT_FALSE(AllClose(layout, Bytes(a), Bytes(a).first(8), {9, 9}));
  EXPECT_TRUE(std::isinf(MaxAbsDiff(layout, Bytes(a), Bytes(a).first(8))));
  EXPECT_FALSE(AllClose(layout, Bytes(a).first(7), Bytes(a).first(7), {9, 9}));  // no element
}

TEST(AllClose, AnswersOfAnotherSizeAreNotClose) {
  const std::vector<float> a{1, 2};
  const std::vector<float> b{1};
  EXPECT_FALSE(AllClose(Lone(DType::kFloat32, 1), Bytes(a), Bytes(b), {1, 1}));
}

}  // namespace
}  // namespace coresweep
