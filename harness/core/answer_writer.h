// Where a workload whose items or answers vary in size puts its answers.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "harness/core/chunk_sequence.h"
#include "harness/core/tensor_spec.h"

namespace coresweep {

/// Packs the answers to the items of one chunk, in their order: as frames where answers vary.
class AnswerWriter {
 public:
  /// `space` must hold `MostPackedBytes(layout, range.count)`; `layout` is that of an answer and
  /// outlives the writer. `workload` is its name, for errors.
  AnswerWriter(const ItemLayout& layout, ItemRange range, std::span<std::byte> space,
               std::string_view workload)
      : layout_(layout), range_(range), space_(space), workload_(workload) {}

  /// Room for the next answer, which has exactly `bytes` bytes; what is in it before is undefined.
  /// Throws `Error` naming workload, item and sizes when the workload's `Info` does not allow that
  /// size, or when there is an answer to every item already.
  std::span<std::byte> Next(size_t bytes);

  /// Throws `Error` unless there is an answer to every item. Returns the memory they take.
  [[nodiscard]] size_t Finish() const;

 private:
  const ItemLayout& layout_;
  ItemRange range_;
  std::span<std::byte> space_;
  std::string_view workload_;
  size_t written_ = 0;
  int64_t answers_ = 0;
};

}  // namespace coresweep
