#include "harness/core/answer_checker.h"

#include <algorithm>

#include "harness/base/digest.h"

namespace coresweep {

uint64_t DigestOfChunk(std::span<const std::byte> answers, size_t item_bytes) noexcept {
  ChunkDigest chunk;
  for (size_t at = 0; at + item_bytes <= answers.size() && item_bytes > 0; at += item_bytes) {
    chunk.Add(Digest(answers.subspan(at, item_bytes)));
  }
  return chunk.value();
}

void AnswerChecker::Check(ItemRange range, std::span<const std::byte> answers,
                          std::optional<uint64_t> sent_digest) {
  const size_t bytes = reference_.layout->bytes;
  ChunkDigest chunk;
  int64_t equal = 0;
  for (int64_t i = 0; i < range.count; ++i) {
    const uint64_t digest = Digest(answers.subspan(static_cast<size_t>(i) * bytes, bytes));
    chunk.Add(digest);
    if (digest == reference_.digests[static_cast<size_t>(range.first + i)]) ++equal;
  }
  output_.compared += range.count;
  output_.bitwise_equal += equal;
  if (equal == range.count) return;
  if (sent_digest && *sent_digest != chunk.value()) {
    corrupted_ += range.count - equal;
    return;
  }
  for (int64_t i = 0; i < range.count; ++i) {
    const auto answer = answers.subspan(static_cast<size_t>(i) * bytes, bytes);
    Examine(range.first + i, answer, Digest(answer));
  }
}

void AnswerChecker::Examine(int64_t item, std::span<const std::byte> answer, uint64_t digest) {
  if (digest == reference_.digests[static_cast<size_t>(item)]) return;
  if (IsReferenceOfAnother(item, digest)) {
    ++misplaced_;
    return;
  }
  const size_t bytes = reference_.layout->bytes;
  const auto wanted = reference_.answers.subspan(static_cast<size_t>(item) * bytes, bytes);
  output_.max_abs_diff =
      std::max(output_.max_abs_diff, MaxAbsDiff(*reference_.layout, answer, wanted));
  if (!AllClose(*reference_.layout, answer, wanted, reference_.tolerance)) {
    ++output_.outside_tolerance;
  }
}

bool AnswerChecker::IsReferenceOfAnother(int64_t item, uint64_t digest) {
  if (item_by_digest_.empty()) {
    for (size_t i = 0; i < reference_.digests.size(); ++i) {
      item_by_digest_.emplace(reference_.digests[i], static_cast<int64_t>(i));
    }
  }
  const auto it = item_by_digest_.find(digest);
  return it != item_by_digest_.end() && it->second != item;
}

void AnswerChecker::AddTo(OrderingCounts& ordering) const {
  ordering.answers += output_.compared;
  ordering.misplaced += misplaced_;
  ordering.corrupted += corrupted_;
}

}  // namespace coresweep
