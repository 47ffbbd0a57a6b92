#include "workloads/item_maker.h"

#include <bit>
#include <cmath>
#include <cstring>

namespace coresweep {
namespace {

// Uniform in [-1, 1) with `Bits` random bits: k · 2^(1−Bits) − 1, exact in a type with as many
// significant bits.
template <typename T, int Bits>
T Uniform(uint64_t random) {
  constexpr T kStep = T{2} / static_cast<T>(uint64_t{1} << Bits);
  return static_cast<T>(random >> (64 - Bits)) * kStep - T{1};
}

// binary16 of a multiple of 2^-10 in [-1, 1), which it holds exactly and never as a subnormal.
uint16_t HalfBits(float value) {
  if (value == 0) return 0;
  const auto bits = std::bit_cast<uint32_t>(value);
  const uint32_t sign = bits >> 31;
  const uint32_t exponent = ((bits >> 23) & 0xff) - 127 + 15;
  return static_cast<uint16_t>(sign << 15 | exponent << 10 | ((bits >> 13) & 0x3ff));
}

uint16_t BrainBits(float value) {
  return static_cast<uint16_t>(std::bit_cast<uint32_t>(value) >> 16);
}

template <typename T>
T Within(IntegerRange range, uint64_t random) {
  const uint64_t width = static_cast<uint64_t>(range.high) - static_cast<uint64_t>(range.low);
  return static_cast<T>(static_cast<uint64_t>(range.low) + random % width);
}

// Writes `elements` elements from `at` on; `make` turns random bits into one element.
template <typename Make>
void Fill(std::byte* at, uint64_t elements, Make make) {
  for (uint64_t i = 0; i < elements; ++i) {
    const auto value = make(i);
    std::memcpy(at, &value, sizeof value);
    at += sizeof value;
  }
}

}  // namespace

void FillItem(const ItemLayout& layout, IntegerRange range, uint64_t seed, int64_t index,
              std::span<std::byte> item) {
  std::memset(item.data(), 0, item.size());
  uint64_t before = 0;  // elements of the tensors before this one
  const auto random = [&](uint64_t i) {
    return RandomBits(seed, static_cast<uint64_t>(index), before + i);
  };
  for (size_t t = 0; t < layout.tensors.size(); ++t) {
    std::byte* at = item.data() + layout.offsets[t];
    const auto count = static_cast<uint64_t>(layout.tensors[t].Elements());
    switch (layout.tensors[t].dtype) {
      case DType::kFloat32:
        Fill(at, count, [&](uint64_t i) { return Uniform<float, 24>(random(i)); });
        break;
      case DType::kFloat64:
        Fill(at, count, [&](uint64_t i) { return Uniform<double, 53>(random(i)); });
        break;
      case DType::kFloat16:
        Fill(at, count, [&](uint64_t i) { return HalfBits(Uniform<float, 11>(random(i))); });
        break;
      case DType::kBFloat16:
        Fill(at, count, [&](uint64_t i) { return BrainBits(Uniform<float, 8>(random(i))); });
        break;
      case DType::kInt64:
        Fill(at, count, [&](uint64_t i) { return Within<int64_t>(range, random(i)); });
        break;
      case DType::kInt32:
        Fill(at, count, [&](uint64_t i) { return Within<int32_t>(range, random(i)); });
        break;
      case DType::kInt16:
        Fill(at, count, [&](uint64_t i) { return Within<int16_t>(range, random(i)); });
        break;
      case DType::kInt8:
        Fill(at, count, [&](uint64_t i) { return Within<int8_t>(range, random(i)); });
        break;
      case DType::kUInt8:
        Fill(at, count, [&](uint64_t i) { return Within<uint8_t>(range, random(i)); });
        break;
      case DType::kBool:
        Fill(at, count, [&](uint64_t i) { return static_cast<uint8_t>(random(i) >> 63); });
        break;
    }
    before += count;
  }
}

}  // namespace coresweep
