#include "harness/core/framing.h"

namespace coresweep {
namespace {

template <typename Byte>
bool SplitAny(const ItemLayout& layout, std::span<Byte> packed, int64_t count,
              std::vector<std::span<Byte>>& views) {
  views.clear();
  if (!layout.Varies()) {
    if (packed.size() != MostPackedBytes(layout, count)) return false;
    for (int64_t i = 0; i < count; ++i)
      views.push_back(packed.subspan(static_cast<size_t>(i) * layout.bytes, layout.bytes));
    return true;
  }
  FrameWalker<Byte> walker(packed);
  for (int64_t i = 0; i < count; ++i) {
    const auto item = walker.Next();
    if (!item || item->size() > layout.bytes) return false;
    views.push_back(*item);
  }
  return walker.left().empty();
}

}  // namespace

std::span<std::byte> BeginFrame(std::span<std::byte> space, size_t bytes) {
  const uint64_t length = bytes;
  const size_t frame = FrameBytes(bytes);
  std::memset(space.data(), 0, kFrameHead);
  std::memcpy(space.data(), &length, sizeof length);
  std::memset(space.data() + kFrameHead + bytes, 0, frame - kFrameHead - bytes);
  return space.subspan(kFrameHead, bytes);
}

bool Split(const ItemLayout& layout, std::span<std::byte> packed, int64_t count,
           std::vector<std::span<std::byte>>& views) {
  return SplitAny(layout, packed, count, views);
}

bool Split(const ItemLayout& layout, std::span<const std::byte> packed, int64_t count,
           std::vector<std::span<const std::byte>>& views) {
  return SplitAny(layout, packed, count, views);
}

bool IsPacked(const ItemLayout& layout, std::span<const std::byte> packed, int64_t count) {
  if (!layout.Varies()) return packed.size() == MostPackedBytes(layout, count);
  FrameWalker walker(packed);
  for (int64_t i = 0; i < count; ++i) {
    const auto item = walker.Next();
    if (!item || item->size() > layout.bytes) return false;
  }
  return walker.left().empty();
}

std::optional<size_t> LeadingBytes(const ItemLayout& layout, std::span<const std::byte> packed,
                                   int64_t count) {
  if (!layout.Varies()) {
    const size_t bytes = MostPackedBytes(layout, count);
    return bytes <= packed.size() ? std::optional(bytes) : std::nullopt;
  }
  FrameWalker walker(packed);
  for (int64_t i = 0; i < count; ++i) {
    if (!walker.Next()) return std::nullopt;
  }
  return packed.size() - walker.left().size();
}

}  // namespace coresweep
