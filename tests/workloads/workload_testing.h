// Helpers of the workloads' tests.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "harness/core/chunk_runner.h"
#include "harness/core/framing.h"
#include "workloads/registry.h"

namespace coresweep {

using Bytes = std::vector<std::byte>;

inline WorkloadSpec SpecOf(const std::string& name, const std::string& model = "") {
  WorkloadSpec spec;
  spec.name = name;
  spec.model = model;
  return spec;
}

/// Items [first, first + count) as they travel.
inline Bytes ItemsOf(const Workload& workload, int64_t first, int64_t count) {
  const size_t bytes = workload.Info().item.bytes;
  Bytes items(static_cast<size_t>(count) * bytes);
  for (int64_t i = 0; i < count; ++i)
    workload.MakeItem(first + i, std::span(items).subspan(static_cast<size_t>(i) * bytes, bytes));
  return items;
}

/// Answers to items [first, first + count), computed `chunk` at a time.
inline Bytes AnswersOf(Workload& workload, int64_t first, int64_t count, int64_t chunk) {
  const size_t bytes = workload.Info().answer.bytes;
  Bytes answers(static_cast<size_t>(count) * bytes, std::byte{0xee});
  for (int64_t at = 0; at < count; at += chunk) {
    const int64_t size = std::min(chunk, count - at);
    Bytes items = ItemsOf(workload, first + at, size);
    workload.Run(size, items,
                 std::span(answers).subspan(static_cast<size_t>(at) * bytes,
                                            static_cast<size_t>(size) * bytes));
  }
  return answers;
}

/// Answers to items [first, first + count) of a workload whose items or answers vary in size, by
/// `chunk`, each by itself.
inline std::vector<Bytes> SizedAnswersOf(Workload& workload, int64_t first, int64_t count,
                                         int64_t chunk) {
  const WorkloadInfo info = workload.Info();
  ChunkRunner runner(workload, info, "tested");
  std::vector<Bytes> answers;
  for (int64_t at = first; at < first + count; at += chunk) {
    const ItemRange range{at, std::min(chunk, first + count - at)};
    Bytes items = PackItems(workload, info, range);
    Bytes space(MostPackedBytes(info.answer, range.count), std::byte{0xee});
    std::span<const std::byte> packed(space);
    packed = packed.first(runner.Run(range, items, space));
    std::vector<std::span<const std::byte>> views;
    if (!Split(info.answer, packed, range.count, views)) return {};
    for (const auto& view : views)
      answers.emplace_back(view.begin(), view.end());
  }
  return answers;
}

/// Item `index` of a workload, whatever its size.
inline Bytes SizedItemOf(const Workload& workload, int64_t index) {
  Bytes item(workload.ItemBytes(index));
  workload.MakeItem(index, item);
  return item;
}

/// What `action` says when it throws `Exception`; "" when it does not throw.
template <typename Exception, typename Action>
std::string MessageOf(Action action) {
  try {
    action();
  } catch (const Exception& error) {
    return error.what();
  }
  return "";
}

}  // namespace coresweep
