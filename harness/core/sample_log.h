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
};

/// Keeps every `stride()`-th sample added; when full it drops every other one and doubles the
/// stride, so that what is kept is spread evenly over the trial. Order of adding is kept.
class SampleLog {
 public:
  explicit SampleLog(size_t capacity) : capacity_(capacity < 2 ? 2 : capacity) {
    samples_.reserve(capacity_);
  }
  void Add(const ChunkSample& sample) noexcept {
    if (added_++ % stride_ != 0) return;
    if (samples_.size() == capacity_) {
      Thin();
      if ((added_ - 1) % stride_ != 0) return;
    }
    samples_.push_back(sample);  // never reallocates: reserved
  }
  [[nodiscard]] const std::vector<ChunkSample>& samples() const { return samples_; }
  [[nodiscard]] uint64_t added() const { return added_; }
  [[nodiscard]] uint64_t stride() const { return stride_; }

 private:
  void Thin() noexcept {
    size_t kept = 0;
    for (size_t i = 0; i < samples_.size(); i += 2)
      samples_[kept++] = samples_[i];
    samples_.resize(kept);
    stride_ *= 2;
  }

  size_t capacity_;
  uint64_t added_ = 0;
  uint64_t stride_ = 1;
  std::vector<ChunkSample> samples_;
};

}  // namespace coresweep
