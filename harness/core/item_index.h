// Where each of many packed items (or answers) lies.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "harness/core/chunk_sequence.h"
#include "harness/core/framing.h"

namespace coresweep {

/// Where the frames of `count` items of `layout` begin in `packed`, and at the end where the last
/// one ends; what comes after it is not looked at. Empty where sizes are fixed. Throws `Error`
/// naming the item when `packed` does not hold so many.
std::vector<size_t> FrameOffsets(const ItemLayout& layout, std::span<const std::byte> packed,
                                 int64_t count);

/// Sizes of items, without their heads, in bytes.
struct SizeSpread {
  size_t least = 0;
  double mean = 0;
  size_t most = 0;
};

/// A view: of a layout and of what `FrameOffsets` found. A multiplication where sizes are fixed.
class ItemIndex {
 public:
  ItemIndex() = default;
  ItemIndex(const ItemLayout& layout, std::span<const size_t> offsets)
      : bytes_(layout.bytes), offsets_(offsets) {}

  /// Where item `i` begins, or where the one before it ends.
  [[nodiscard]] size_t Offset(int64_t i) const {
    const auto place = static_cast<size_t>(i);
    return offsets_.empty() ? place * bytes_ : offsets_[place];
  }
  /// The items `range` of `packed`.
  template <typename Byte>
  [[nodiscard]] std::span<Byte> Chunk(std::span<Byte> packed, ItemRange range) const {
    const size_t begin = Offset(range.first);
    return packed.subspan(begin, Offset(range.first + range.count) - begin);
  }
  /// The bytes of item `i` of `packed`, without head and padding.
  [[nodiscard]] std::span<const std::byte> Item(std::span<const std::byte> packed, int64_t i) const;

  /// Memory of the largest run of `chunks` consecutive chunks of one pass.
  [[nodiscard]] size_t LargestRun(const ChunkSequence& sequence, int chunks) const;

  /// Of items [0, `count`) of `packed`; nullopt where sizes are fixed.
  [[nodiscard]] std::optional<SizeSpread> Sizes(std::span<const std::byte> packed,
                                                int64_t count) const;

 private:
  size_t bytes_ = 0;
  std::span<const size_t> offsets_;
};

}  // namespace coresweep
