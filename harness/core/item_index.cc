#include "harness/core/item_index.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/base/error.h"

namespace coresweep {

std::vector<size_t> FrameOffsets(const ItemLayout& layout, std::span<const std::byte> packed,
                                 int64_t count) {
  if (!layout.Varies()) return {};
  std::vector<size_t> offsets;
  offsets.reserve(static_cast<size_t>(count) + 1);
  FrameWalker walker(packed);
  for (int64_t i = 0; i < count; ++i) {
    offsets.push_back(packed.size() - walker.left().size());
    const auto item = walker.Next();
    if (item && item->size() <= layout.bytes) continue;
    throw Error(
        fmt::format("{} bytes of memory hold no frame of at most {} bytes for number {} of {}",
                    packed.size(), layout.bytes, i, count));
  }
  offsets.push_back(packed.size() - walker.left().size());
  return offsets;
}

std::span<const std::byte> ItemIndex::Item(std::span<const std::byte> packed, int64_t i) const {
  const auto place = Chunk(packed, {i, 1});
  if (offsets_.empty()) return place;
  return FrameWalker(place).Next().value_or(std::span<const std::byte>());
}

size_t ItemIndex::LargestRun(const ChunkSequence& sequence, int chunks) const {
  const size_t items = static_cast<size_t>(sequence.chunk()) * static_cast<size_t>(chunks);
  if (offsets_.empty()) return items * bytes_;
  size_t largest = 0;
  for (int64_t k = 0; k < sequence.chunks_per_pass(); ++k) {
    const int64_t first = k * sequence.chunk();
    const int64_t end = std::min(sequence.items(), first + static_cast<int64_t>(items));
    largest = std::max(largest, Offset(end) - Offset(first));
  }
  return largest;
}

std::optional<SizeSpread> ItemIndex::Sizes(std::span<const std::byte> packed, int64_t count) const {
  if (offsets_.empty() || count < 1) return std::nullopt;
  const size_t first = Item(packed, 0).size();
  SizeSpread sizes{first, 0, first};
  double total = 0;
  for (int64_t i = 0; i < count; ++i) {
    const size_t bytes = Item(packed, i).size();
    sizes.least = std::min(sizes.least, bytes);
    sizes.most = std::max(sizes.most, bytes);
    total += static_cast<double>(bytes);
  }
  sizes.mean = total / static_cast<double>(count);
  return sizes;
}

}  // namespace coresweep
