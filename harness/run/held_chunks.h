// What one worker was sent and has not answered.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace coresweep {

/// A chunk on its way.
struct HeldChunk {
  uint64_t sequence = 0;
  int64_t issued_ns = 0;
  int64_t due_ns = 0;  ///< 0 under closed load
  int overtaken = 0;   ///< later chunks that were answered before it
};

/// In the order in which the chunks were issued. Not thread-safe.
class HeldChunks {
 public:
  [[nodiscard]] bool empty() const { return held_.empty(); }
  [[nodiscard]] size_t size() const { return held_.size(); }

  void Add(uint64_t sequence, int64_t issued_ns, int64_t due_ns) {
    held_.push_back({sequence, issued_ns, due_ns});
  }
  [[nodiscard]] const std::deque<HeldChunk>& chunks() const { return held_; }

  /// Chunk `sequence` was answered: it is held no longer. nullopt when it is not held.
  [[nodiscard]] std::optional<HeldChunk> Take(uint64_t sequence);

  /// Takes out the chunks at the front that `credit` later ones have overtaken. A connection keeps
  /// its order and carries at most `credit` chunks, so these were lost.
  [[nodiscard]] std::vector<uint64_t> TakeOvertaken(int credit);

  /// Takes out all.
  [[nodiscard]] std::vector<uint64_t> TakeAll();

  /// "while it held chunks 3, 4", "while it held no chunk".
  [[nodiscard]] std::string Describe() const;

 private:
  std::deque<HeldChunk> held_;
};

/// As `HeldChunks::Describe`, of any chunks.
std::string DescribeHeld(const std::vector<uint64_t>& chunks);

}  // namespace coresweep
