// Raw chunk samples of one trial in bounded memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace coresweep {

/// The life of one chunk; CLOCK_MONOTONIC nanoseconds. Trivially copyable: crosses shared memory.
struct ChunkSample {
  uint64_t sequence = 0;
  int32_t worker = 0;
  int32_t items = 0;
  int64_t issued_ns = 0;    ///< handed to the transport; = started where there is no dispatcher
  int64_t started_ns = 0;   ///< the worker has the whole chunk and begins
  int64_t computed_ns = 0;  ///< the answers are there
  int64_t merged_ns = 0;    ///< delivered in input order; = computed where there is no dispatcher
  int64_t due_ns = 0;       ///< when open load wanted it issued; 0 under closed load
  bool operator==(const ChunkSample&) const = default;
};

/// Keeps one of every `stride()` samples added, drawn at random among them. When full, it drops one
/// of each two neighbours kept, again at random, and doubles the stride. So what is kept is spread
/// evenly over the trial, and a period in the chunks (the last one of each pass is smaller) cannot
/// fall into step with the stride. Order of adding is kept; the same calls keep the same samples.
class SampleLog {
 public:
  /// Room for `capacity` samples, rounded up to an even number, at least 2.
  explicit SampleLog(size_t capacity) : capacity_(capacity < 2 ? 2 : capacity + capacity % 2) {
    samples_.reserve(capacity_);
  }
  void Add(const ChunkSample& sample) noexcept {
    const uint64_t place = added_ % stride_;  // within its group of `stride_`
    if (place == 0) {
      // An even number of whole groups is kept when the log is full, so groups merge in pairs and
      // this sample begins a new one.
      if (samples_.size() == capacity_) Thin();
      pick_ = Random() % stride_;
    }
    ++added_;
    if (place == pick_) samples_.push_back(sample);  // never reallocates: reserved
  }
  [[nodiscard]] const std::vector<ChunkSample>& samples() const { return samples_; }
  [[nodiscard]] uint64_t added() const { return added_; }
  [[nodiscard]] uint64_t stride() const { return stride_; }

 private:
  void Thin() noexcept {
    size_t kept = 0;
    for (size_t i = 0; i + 1 < samples_.size(); i += 2) {
      samples_[kept++] = samples_[i + Random() % 2];
    }
    samples_.resize(kept);
    stride_ *= 2;
  }
  /// Xorshift (Marsaglia 2003); the low bits of its state are good enough to pick by.
  uint64_t Random() noexcept {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_ >> 11;
  }

  size_t capacity_;
  uint64_t added_ = 0;
  uint64_t stride_ = 1;
  uint64_t pick_ = 0;
  uint64_t state_ = 0x9e3779b97f4a7c15U;
  std::vector<ChunkSample> samples_;
};

}  // namespace coresweep
