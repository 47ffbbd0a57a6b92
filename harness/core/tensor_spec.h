// Element types and shapes of what travels, without libtorch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace coresweep {

enum class DType {
  kFloat32,
  kFloat64,
  kFloat16,
  kBFloat16,
  kInt64,
  kInt32,
  kInt16,
  kInt8,
  kUInt8,
  kBool
};

/// "float32", "int64", …, as PyTorch names them.
std::string_view ToString(DType dtype);
/// Inverse of `ToString`; also "float", "double", "half", "long", "int", "short". nullopt: unknown.
std::optional<DType> ParseDType(std::string_view name);
/// Size of one element in bytes.
size_t ElementBytes(DType dtype);
[[nodiscard]] bool IsFloating(DType dtype);

/// One tensor of one item or of one answer: its shape has no batch dimension.
struct TensorSpec {
  DType dtype = DType::kFloat32;
  std::vector<int64_t> shape;

  [[nodiscard]] int64_t Elements() const;
  [[nodiscard]] size_t Bytes() const;
  /// "float32[3,224,224]".
  [[nodiscard]] std::string ToText() const;
  bool operator==(const TensorSpec&) const = default;
};

/// Whether all items (or all answers) of a workload have one size.
enum class Sizing { kFixed, kVariable };

/// "fixed", "variable".
std::string_view ToString(Sizing sizing);
/// Inverse of `ToString`; nullopt: unknown.
std::optional<Sizing> ParseSizing(std::string_view name);

/// Where the tensors of one item (or answer) lie in its bytes: one after the other in order. A lone
/// tensor starts at 0 and is not padded; of several, each starts at a multiple of 16 bytes.
///
/// Of variable size is only a lone tensor: the layout is then that of the largest item, and an item
/// is any whole number of its elements up to that. Harness/core/framing.h says how such items lie
/// in memory.
struct ItemLayout {
  std::vector<TensorSpec> tensors;
  std::vector<size_t> offsets;  ///< of each tensor, in bytes
  size_t bytes = 0;             ///< of the whole item; the largest where sizes vary
  Sizing sizing = Sizing::kFixed;

  ItemLayout() = default;
  /// Throws `Error` when several tensors are to be of variable size.
  explicit ItemLayout(std::vector<TensorSpec> specs, Sizing sized = Sizing::kFixed);

  [[nodiscard]] bool Varies() const { return sizing == Sizing::kVariable; }
  /// Whether an item may have `size` bytes.
  [[nodiscard]] bool Allows(size_t size) const;
};

/// Largest |a − b| over the elements of `layout` in two answers. NaN equals NaN and an infinity
/// itself; a NaN or infinity opposite anything else gives +infinity, and so do unequal or wrong
/// sizes. Computed in double.
double MaxAbsDiff(const ItemLayout& layout, std::span<const std::byte> a,
                  std::span<const std::byte> b);

/// True when every element satisfies |a − b| <= absolute + relative · |b| (numpy.allclose's rule,
/// `b` being the reference); integers and booleans must be equal, and so must sizes.
struct Tolerance {
  double absolute = 0;
  double relative = 0;
};
bool AllClose(const ItemLayout& layout, std::span<const std::byte> a, std::span<const std::byte> b,
              Tolerance tolerance);

}  // namespace coresweep
