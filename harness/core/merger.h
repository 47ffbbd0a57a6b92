// Merging of completed chunks in the order asked for, with their samples and the work done in the
// window.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "harness/core/delivery.h"
#include "harness/core/measurement.h"
#include "harness/core/reorder_buffer.h"
#include "harness/core/sample_log.h"
#include "harness/core/window_meter.h"

namespace coresweep {

/// Samples kept of one trial; enough for a p99.9 and small enough to pass on.
constexpr size_t kSamplesKept = 16384;

/// Owns the reorder buffer of one trial. Not thread-safe.
class Merger {
 public:
  /// At most `capacity` chunks are between issue and merge. In order of completion a chunk is
  /// merged when it comes: nothing waits, there is no bound, and it is the caller who sees that
  /// none comes twice.
  Merger(size_t capacity, Window window, Order order = Order::kInput)
      : order_(order),
        buffer_(order == Order::kInput ? capacity : 1),
        window_(window),
        pending_(buffer_.capacity()),
        log_(kSamplesKept) {}

  [[nodiscard]] bool MayIssue(uint64_t sequence) const {
    return order_ == Order::kCompletion || buffer_.MayIssue(sequence);
  }
  /// The next chunk due, in order of input.
  [[nodiscard]] uint64_t next() const { return buffer_.next(); }
  [[nodiscard]] size_t SlotOf(uint64_t sequence) const { return buffer_.SlotOf(sequence); }
  [[nodiscard]] size_t capacity() const { return buffer_.capacity(); }

  /// Chunk `sample.sequence` is complete (its `merged_ns` is filled in later).
  ReorderBuffer::Arrival Complete(const ChunkSample& sample, int64_t now_ns) {
    const auto arrival = Arrive(sample, now_ns);
    if (arrival != ReorderBuffer::Arrival::kAccepted) return arrival;
    ++chunks_;
    items_in_window_ += ItemsInWindow(sample);
    last_ns_ = now_ns;
    return arrival;
  }

  /// Share of the chunk's items that counts as done in the window.
  [[nodiscard]] double ItemsInWindow(const ChunkSample& sample) const {
    return FractionInWindow(window_, sample.started_ns, sample.computed_ns) * sample.items;
  }

  /// The window turned out to end here; no chunk counted so far was computed later.
  void EndWindowAt(int64_t end_ns) { window_.end_ns = end_ns; }

  /// The `items` items of chunk `sequence` will never come.
  void GiveUp(uint64_t sequence, int64_t items) {
    if (order_ == Order::kInput) buffer_.GiveUp(sequence);
    missing_ += items;
  }

  /// Calls `deliver(sequence)` for every chunk whose turn has come, in order.
  template <typename Deliver>
  void MergeReady(int64_t now_ns, Deliver deliver) {
    while (const auto merged = buffer_.PopReady()) {
      if (merged->missing) continue;
      ChunkSample& sample = pending_[buffer_.SlotOf(merged->sequence)];
      sample.merged_ns = now_ns;
      head_of_line_ns_ += now_ns - merged->arrived_ns;
      deliver(merged->sequence);
      log_.Add(sample);
    }
  }

  [[nodiscard]] int64_t chunks() const { return chunks_; }
  [[nodiscard]] double items_in_window() const { return items_in_window_; }
  [[nodiscard]] int64_t last_ns() const { return last_ns_; }
  [[nodiscard]] const SampleLog& log() const { return log_; }
  /// Adds missing, inversions, depth and head-of-line time.
  void AddTo(OrderingCounts& ordering) const {
    ordering.missing += missing_;
    ordering.completion_inversions += buffer_.inversions() + inversions_;
    ordering.max_reorder_depth = std::max(ordering.max_reorder_depth, buffer_.max_depth());
    ordering.head_of_line_ns += head_of_line_ns_;
  }

 private:
  ReorderBuffer::Arrival Arrive(const ChunkSample& sample, int64_t now_ns) {
    if (order_ == Order::kInput) {
      const auto arrival = buffer_.Arrive(sample.sequence, now_ns);
      if (arrival == ReorderBuffer::Arrival::kAccepted)
        pending_[buffer_.SlotOf(sample.sequence)] = sample;
      return arrival;
    }
    if (chunks_ > 0 && sample.sequence < highest_) ++inversions_;
    highest_ = std::max(highest_, sample.sequence);
    ChunkSample merged = sample;
    merged.merged_ns = now_ns;
    log_.Add(merged);
    return ReorderBuffer::Arrival::kAccepted;
  }

  Order order_;
  ReorderBuffer buffer_;
  Window window_;
  std::vector<ChunkSample> pending_;
  SampleLog log_;
  int64_t chunks_ = 0;
  double items_in_window_ = 0;
  int64_t missing_ = 0;
  int64_t head_of_line_ns_ = 0;
  int64_t last_ns_ = 0;
  uint64_t highest_ = 0;    ///< order of completion: of the chunks that came
  int64_t inversions_ = 0;  ///< order of completion
};

}  // namespace coresweep
