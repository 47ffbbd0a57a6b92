#include "harness/core/tensor_spec.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>

#include "harness/base/error.h"

namespace coresweep {
namespace {

struct DTypeRow {
  DType dtype;
  std::string_view name;
  std::string_view alias;
  size_t bytes;
};

constexpr std::array<DTypeRow, 10> kDTypes = {{
    {DType::kFloat32, "float32", "float", 4},
    {DType::kFloat64, "float64", "double", 8},
    {DType::kFloat16, "float16", "half", 2},
    {DType::kBFloat16, "bfloat16", "bfloat16", 2},
    {DType::kInt64, "int64", "long", 8},
    {DType::kInt32, "int32", "int", 4},
    {DType::kInt16, "int16", "short", 2},
    {DType::kInt8, "int8", "int8", 1},
    {DType::kUInt8, "uint8", "uint8", 1},
    {DType::kBool, "bool", "bool", 1},
}};

const DTypeRow& RowOf(DType dtype) {
  return *std::ranges::find(kDTypes, dtype, &DTypeRow::dtype);
}

constexpr size_t kTensorAlignment = 16;

size_t RoundUp(size_t bytes) {
  return (bytes + kTensorAlignment - 1) / kTensorAlignment * kTensorAlignment;
}

template <typename T>
T ReadPlain(const std::byte* at) {
  T value;
  std::memcpy(&value, at, sizeof value);  // answers are packed, hence not always aligned
  return value;
}

// IEEE 754 binary16: 1 sign, 5 exponent (bias 15), 10 fraction bits.
float ReadHalf(const std::byte* at) {
  const auto bits = ReadPlain<uint16_t>(at);
  const int exponent = (bits >> 10) & 0x1f;
  const int fraction = bits & 0x3ff;
  float magnitude;
  if (exponent == 0x1f) {
    magnitude = fraction != 0 ? std::numeric_limits<float>::quiet_NaN()
                              : std::numeric_limits<float>::infinity();
  } else if (exponent == 0) {
    magnitude = std::ldexp(static_cast<float>(fraction), -24);
  } else {
    magnitude = std::ldexp(static_cast<float>(fraction + 0x400), exponent - 25);
  }
  return (bits & 0x8000) != 0 ? -magnitude : magnitude;
}

// bfloat16: the upper half of a binary32.
float ReadBrain(const std::byte* at) {
  return std::bit_cast<float>(static_cast<uint32_t>(ReadPlain<uint16_t>(at)) << 16);
}

// Calls visit(x, y) for element after element of the `bytes` bytes of one tensor of two answers
// until it returns false.
template <typename Visit>
bool VisitPairs(DType dtype, size_t bytes, const std::byte* a, const std::byte* b, Visit visit) {
  const size_t step = ElementBytes(dtype);
  const auto walk = [&](auto read) {
    for (size_t at = 0; at < bytes; at += step) {
      if (!visit(read(a + at), read(b + at))) return false;
    }
    return true;
  };
  switch (dtype) {
    case DType::kFloat32:
      return walk(ReadPlain<float>);
    case DType::kFloat64:
      return walk(ReadPlain<double>);
    case DType::kFloat16:
      return walk(ReadHalf);
    case DType::kBFloat16:
      return walk(ReadBrain);
    case DType::kInt64:
      return walk(ReadPlain<int64_t>);
    case DType::kInt32:
      return walk(ReadPlain<int32_t>);
    case DType::kInt16:
      return walk(ReadPlain<int16_t>);
    case DType::kInt8:
      return walk(ReadPlain<int8_t>);
    case DType::kUInt8:
    case DType::kBool:
      return walk(ReadPlain<uint8_t>);
  }
  return false;
}

template <typename T>
double Distance(T x, T y) {
  if (x == y) return 0;
  if constexpr (std::is_integral_v<T>) {
    // Subtracting first keeps a difference of 1 between two large int64, which double would lose.
    // NOLINTBEGIN(bugprone-signed-char-misuse): an int8 here is a number, no character.
    const auto low = static_cast<uint64_t>(std::min(x, y));
    return static_cast<double>(static_cast<uint64_t>(std::max(x, y)) - low);
    // NOLINTEND(bugprone-signed-char-misuse)
  } else {
    if (std::isnan(x) && std::isnan(y)) return 0;
    const double distance = std::fabs(static_cast<double>(x) - static_cast<double>(y));
    return std::isnan(distance) ? std::numeric_limits<double>::infinity() : distance;
  }
}

template <typename T>
bool Close(T x, T y, Tolerance tolerance) {
  if constexpr (std::is_integral_v<T>) {
    return x == y;
  } else {
    const double distance = Distance(x, y);
    if (distance == 0) return true;
    if (!std::isfinite(x) || !std::isfinite(y)) return false;
    return distance <= tolerance.absolute + tolerance.relative * std::fabs(static_cast<double>(y));
  }
}

// Visits all elements of all tensors; false as soon as `visit` or a size says so.
template <typename Visit>
bool VisitLayout(const ItemLayout& layout, std::span<const std::byte> a,
                 std::span<const std::byte> b, Visit visit) {
  if (a.size() != b.size() || !layout.Allows(a.size())) return false;
  for (size_t i = 0; i < layout.tensors.size(); ++i) {
    const TensorSpec& tensor = layout.tensors[i];
    const size_t at = layout.offsets[i];
    const size_t bytes = layout.Varies() ? a.size() : tensor.Bytes();
    if (!VisitPairs(tensor.dtype, bytes, a.data() + at, b.data() + at, visit)) return false;
  }
  return true;
}

}  // namespace

std::string_view ToString(DType dtype) {
  return RowOf(dtype).name;
}

std::optional<DType> ParseDType(std::string_view name) {
  for (const DTypeRow& row : kDTypes) {
    if (name == row.name || name == row.alias) return row.dtype;
  }
  return std::nullopt;
}

size_t ElementBytes(DType dtype) {
  return RowOf(dtype).bytes;
}

bool IsFloating(DType dtype) {
  return dtype == DType::kFloat32 || dtype == DType::kFloat64 || dtype == DType::kFloat16 ||
         dtype == DType::kBFloat16;
}

int64_t TensorSpec::Elements() const {
  int64_t elements = 1;
  for (const int64_t size : shape)
    elements *= size;
  return elements;
}

size_t TensorSpec::Bytes() const {
  return static_cast<size_t>(Elements()) * ElementBytes(dtype);
}

std::string TensorSpec::ToText() const {
  return fmt::format("{}[{}]", ToString(dtype), fmt::join(shape, ","));
}

std::string_view ToString(Sizing sizing) {
  return sizing == Sizing::kFixed ? "fixed" : "variable";
}

std::optional<Sizing> ParseSizing(std::string_view name) {
  for (const Sizing sizing : {Sizing::kFixed, Sizing::kVariable}) {
    if (name == ToString(sizing)) return sizing;
  }
  return std::nullopt;
}

ItemLayout::ItemLayout(std::vector<TensorSpec> specs, Sizing sized)
    : tensors(std::move(specs)), sizing(sized) {
  if (Varies() && tensors.size() != 1) {
    throw Error(fmt::format("an item of variable size is one tensor, not {}", tensors.size()));
  }
  for (const TensorSpec& spec : tensors) {
    offsets.push_back(bytes);
    bytes += tensors.size() == 1 ? spec.Bytes() : RoundUp(spec.Bytes());
  }
}

bool ItemLayout::Allows(size_t size) const {
  if (!Varies()) return size == bytes;
  return size <= bytes && size % ElementBytes(tensors.front().dtype) == 0;
}

double MaxAbsDiff(const ItemLayout& layout, std::span<const std::byte> a,
                  std::span<const std::byte> b) {
  double largest = 0;
  const bool all = VisitLayout(layout, a, b, [&largest](auto x, auto y) {
    largest = std::max(largest, Distance(x, y));
    return true;
  });
  return all ? largest : std::numeric_limits<double>::infinity();
}

bool AllClose(const ItemLayout& layout, std::span<const std::byte> a, std::span<const std::byte> b,
              Tolerance tolerance) {
  return VisitLayout(layout, a, b, [tolerance](auto x, auto y) { return Close(x, y, tolerance); });
}

}  // namespace coresweep
