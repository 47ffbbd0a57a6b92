// How items and answers lie one after the other in memory, be they of one size or of many.
//
// Of fixed size they are packed without anything between them. Of variable size each is a frame: a
// head of 16 bytes, the first 8 of which are the number of bytes that follow (native order), then
// those bytes, padded to a multiple of 16. So the items of any chunk are one span of memory, and
// whoever has that span needs no table beside it. The rest of the head and the padding are written
// as zeros and not looked at.
//
// Lengths come from another process, perhaps a broken one: what reads frames never looks outside of
// the span that it was given.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <vector>

#include "harness/core/tensor_spec.h"

namespace coresweep {

inline constexpr size_t kFrameAlignment = 16;
inline constexpr size_t kFrameHead = 16;

/// Size of the frame of `bytes` bytes.
constexpr size_t FrameBytes(size_t bytes) {
  return kFrameHead + (bytes + kFrameAlignment - 1) / kFrameAlignment * kFrameAlignment;
}

/// Memory that `count` items of `layout` take at most; exactly that where their size is fixed.
inline size_t MostPackedBytes(const ItemLayout& layout, int64_t count) {
  const size_t each = layout.Varies() ? FrameBytes(layout.bytes) : layout.bytes;
  return static_cast<size_t>(count) * each;
}

/// Memory that `count` items of `layout` take at least.
inline size_t LeastPackedBytes(const ItemLayout& layout, int64_t count) {
  return static_cast<size_t>(count) * (layout.Varies() ? FrameBytes(0) : layout.bytes);
}

/// Writes head and padding of a frame of `bytes` bytes to the start of `space`, which must hold
/// `FrameBytes(bytes)`. Returns where the bytes go.
std::span<std::byte> BeginFrame(std::span<std::byte> space, size_t bytes);

/// Goes from frame to frame. `Byte` is `std::byte` or `const std::byte`.
template <typename Byte>
class FrameWalker {
 public:
  explicit FrameWalker(std::span<Byte> frames) : left_(frames) {}

  /// The bytes of the next frame; nullopt at the end, and where what is left is no frame.
  std::optional<std::span<Byte>> Next() {
    uint64_t bytes = 0;
    if (left_.size() < kFrameHead) return std::nullopt;
    std::memcpy(&bytes, left_.data(), sizeof bytes);
    if (bytes > left_.size() - kFrameHead || FrameBytes(bytes) > left_.size()) return std::nullopt;
    const auto content = left_.subspan(kFrameHead, bytes);
    left_ = left_.subspan(FrameBytes(bytes));
    return content;
  }
  /// What `Next` has not passed.
  [[nodiscard]] std::span<Byte> left() const { return left_; }

 private:
  std::span<Byte> left_;
};

/// Puts views of the `count` items of `layout` that lie in `packed` into `views`. False when
/// `packed` is anything else; `views` then has those before the first fault.
bool Split(const ItemLayout& layout, std::span<std::byte> packed, int64_t count,
           std::vector<std::span<std::byte>>& views);
bool Split(const ItemLayout& layout, std::span<const std::byte> packed, int64_t count,
           std::vector<std::span<const std::byte>>& views);

/// Whether `packed` is `count` items of `layout`, each no larger than the largest, and no more.
bool IsPacked(const ItemLayout& layout, std::span<const std::byte> packed, int64_t count);

/// How many bytes the first `count` items of `layout` in `packed` take; nullopt: there are not so
/// many.
std::optional<size_t> LeadingBytes(const ItemLayout& layout, std::span<const std::byte> packed,
                                   int64_t count);

}  // namespace coresweep
