// Checks every answer of a trial against the serial reference while the trial runs.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "harness/core/chunk_sequence.h"
#include "harness/core/item_index.h"
#include "harness/core/measurement.h"
#include "harness/core/tensor_spec.h"

namespace coresweep {

/// The serial reference of one chunk size: what each item's answer must be. Views of memory that
/// outlives the checker.
struct Reference {
  const ItemLayout* layout = nullptr;  ///< of one answer
  Tolerance tolerance;
  std::span<const uint64_t> digests;     ///< of each item's answer, computed at this chunk size
  std::span<const std::byte> answers;    ///< all answers, packed; perhaps of another chunk size
  std::span<const size_t> offsets = {};  ///< `FrameOffsets` of `answers`

  /// The answer to `item`.
  [[nodiscard]] std::span<const std::byte> Answer(int64_t item) const {
    return ItemIndex(*layout, offsets).Item(answers, item);
  }
};

/// Digest of a chunk's answers made from the digests of its items: the worker sends it along, so
/// that a change on the way is told from a wrong computation.
class ChunkDigest {
 public:
  void Add(uint64_t item_digest) noexcept {
    value_ = (value_ ^ item_digest) * 0x9e3779b97f4a7c15U;
    value_ ^= value_ >> 29;
  }
  [[nodiscard]] uint64_t value() const { return value_; }

 private:
  uint64_t value_ = 0x636f726573776570U;
};

/// The `ChunkDigest` of `answers`, packed answers of `layout`; heads and padding are no part of it.
uint64_t DigestOfChunk(std::span<const std::byte> answers, const ItemLayout& layout) noexcept;

/// Counts what is wrong with answers. An answer equal, bit by bit, to its item's reference also
/// proves that the input arrived whole. One that differs is, in this order: `corrupted` when the
/// worker had computed something else, `misplaced` when it is the reference of another item,
/// else compared number by number within the tolerance, which no answer of another size meets.
class AnswerChecker {
 public:
  explicit AnswerChecker(const Reference& reference) : reference_(reference) {}

  /// `answers` are those to items `range`; `sent_digest` is the worker's `DigestOfChunk`, nullopt
  /// where no transport lies between.
  void Check(ItemRange range, std::span<const std::byte> answers,
             std::optional<uint64_t> sent_digest);

  /// Adds its counts (`misplaced`, `corrupted`, `answers`) to `ordering`.
  void AddTo(OrderingCounts& ordering) const;
  [[nodiscard]] const OutputCheck& output() const { return output_; }

 private:
  /// `answer_at(i)` is the answer to item range.first + i; those from `range.count` - `absent` on
  /// are not there.
  template <typename AnswerAt>
  void CheckEach(ItemRange range, int64_t absent, AnswerAt answer_at,
                 std::optional<uint64_t> sent_digest);
  void Examine(int64_t item, std::span<const std::byte> answer, uint64_t digest);
  [[nodiscard]] bool IsReferenceOfAnother(int64_t item, uint64_t digest);

  Reference reference_;
  OutputCheck output_;
  std::vector<std::span<const std::byte>> views_;  ///< scratch, where sizes vary
  int64_t misplaced_ = 0;
  int64_t corrupted_ = 0;
  std::unordered_map<uint64_t, int64_t> item_by_digest_;  ///< filled when first needed
};

}  // namespace coresweep
