// Which items chunk number k holds: the endless sequence of chunks that every mode works through.
#pragma once

#include <cstdint>

namespace coresweep {

/// Items [first, first + count) of the data set.
struct ItemRange {
  int64_t first = 0;
  int64_t count = 0;
};

/// Pass after pass over `items` items in chunks of `chunk`; the last chunk of a pass may be
/// smaller. Chunk k therefore holds the same items in every pass, and has one reference answer.
class ChunkSequence {
 public:
  /// `items` >= 1, 1 <= `chunk` <= `items`.
  ChunkSequence(int64_t items, int64_t chunk)
      : items_(items), chunk_(chunk), per_pass_((items + chunk - 1) / chunk) {}

  [[nodiscard]] int64_t chunks_per_pass() const { return per_pass_; }
  [[nodiscard]] int64_t items() const { return items_; }
  [[nodiscard]] int64_t chunk() const { return chunk_; }

  [[nodiscard]] ItemRange Range(uint64_t sequence) const {
    const int64_t first =
        static_cast<int64_t>(sequence % static_cast<uint64_t>(per_pass_)) * chunk_;
    const int64_t left = items_ - first;
    return {first, left < chunk_ ? left : chunk_};
  }

 private:
  int64_t items_;
  int64_t chunk_;
  int64_t per_pass_;
};

}  // namespace coresweep
