#include "harness/core/answer_checker.h"

#include <algorithm>
#include <limits>

#include "harness/base/digest.h"
#include "harness/core/framing.h"

namespace coresweep {

uint64_t DigestOfChunk(std::span<const std::byte> answers, const ItemLayout& layout) noexcept {
  ChunkDigest chunk;
  if (layout.Varies()) {
    FrameWalker walker(answers);
    while (const auto answer = walker.Next())
      chunk.Add(Digest(*answer));
    return chunk.value();
  }
  const size_t bytes = layout.bytes;
  for (size_t at = 0; at + bytes <= answers.size() && bytes > 0; at += bytes)
    chunk.Add(Digest(answers.subspan(at, bytes)));
  return chunk.value();
}

void AnswerChecker::Check(ItemRange range, std::span<const std::byte> answers,
                          std::optional<uint64_t> sent_digest) {
  const ItemLayout& layout = *reference_.layout;
  if (!layout.Varies()) {
    const auto answer_at = [answers, bytes = layout.bytes](int64_t i) {
      return answers.subspan(static_cast<size_t>(i) * bytes, bytes);
    };
    return CheckEach(range, 0, answer_at, sent_digest);
  }
  (void)Split(layout, answers, range.count, views_);  // what is no frame is absent
  const auto absent = range.count - static_cast<int64_t>(views_.size());
  CheckEach(
      range, absent, [this](int64_t i) { return views_[static_cast<size_t>(i)]; }, sent_digest);
}

template <typename AnswerAt>
void AnswerChecker::CheckEach(ItemRange range, int64_t absent, AnswerAt answer_at,
                              std::optional<uint64_t> sent_digest) {
  const int64_t present = range.count - absent;
  ChunkDigest chunk;
  int64_t equal = 0;
  for (int64_t i = 0; i < present; ++i) {
    const uint64_t digest = Digest(answer_at(i));
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
  for (int64_t i = 0; i < present; ++i) {
    const auto answer = answer_at(i);
    Examine(range.first + i, answer, Digest(answer));
  }
  if (absent == 0) return;
  output_.outside_tolerance += absent;
  output_.max_abs_diff = std::numeric_limits<double>::infinity();
}

void AnswerChecker::Examine(int64_t item, std::span<const std::byte> answer, uint64_t digest) {
  if (digest == reference_.digests[static_cast<size_t>(item)]) return;
  if (IsReferenceOfAnother(item, digest)) {
    ++misplaced_;
    return;
  }
  const auto wanted = reference_.Answer(item);
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
