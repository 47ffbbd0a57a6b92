#include "harness/core/chunk_runner.h"

#include <fmt/format.h>

#include "harness/base/error.h"
#include "harness/core/answer_writer.h"
#include "harness/core/framing.h"

namespace coresweep {
namespace {

size_t CheckedItemBytes(const Workload& workload, const WorkloadInfo& info, int64_t index) {
  if (!info.item.Varies()) return info.item.bytes;
  const size_t bytes = workload.ItemBytes(index);
  if (info.item.Allows(bytes)) return bytes;
  throw Error(fmt::format(
      "the workload's item {} has {} bytes, where it declared at most {} in whole elements of {}",
      index, bytes, info.item.bytes, ToString(info.item.tensors.front().dtype)));
}

}  // namespace

size_t PackedBytes(const Workload& workload, const WorkloadInfo& info, int64_t index) {
  const size_t bytes = CheckedItemBytes(workload, info, index);
  return info.item.Varies() ? FrameBytes(bytes) : bytes;
}

std::span<std::byte> PackItem(const Workload& workload, const WorkloadInfo& info, int64_t index,
                              std::span<std::byte> space) {
  const size_t bytes = CheckedItemBytes(workload, info, index);
  const auto item = info.item.Varies() ? BeginFrame(space, bytes) : space.first(bytes);
  workload.MakeItem(index, item);
  return item;
}

std::vector<std::byte> PackItems(const Workload& workload, const WorkloadInfo& info,
                                 ItemRange range) {
  size_t bytes = 0;
  for (int64_t i = range.first; i < range.first + range.count; ++i)
    bytes += PackedBytes(workload, info, i);
  std::vector<std::byte> items(bytes);
  auto left = std::span(items);
  for (int64_t i = range.first; i < range.first + range.count; ++i) {
    (void)PackItem(workload, info, i, left);
    left = left.subspan(PackedBytes(workload, info, i));
  }
  return items;
}

size_t ChunkRunner::RunEach(ItemRange range, std::span<std::byte> items,
                            std::span<std::byte> answers) {
  if (!Split(info_.item, items, range.count, views_)) {
    throw Error(fmt::format("{} bytes are not the {} items from item {} on", items.size(),
                            range.count, range.first));
  }
  AnswerWriter writer(info_.answer, range, answers, name_);
  workload_.RunEach(views_, writer);
  return writer.Finish();
}

}  // namespace coresweep
