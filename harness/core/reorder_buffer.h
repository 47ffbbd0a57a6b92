// Brings chunks that complete in any order back into the order of their numbers.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace coresweep {

/// A bounded window of chunk numbers [next, next + capacity). The buffer holds no payloads: slot
/// number `SlotOf(sequence)` of an array of `capacity` slots belongs to a chunk from the time it is
/// issued until it is merged.
class ReorderBuffer {
 public:
  explicit ReorderBuffer(size_t capacity) : slots_(capacity < 1 ? 1 : capacity) {}

  enum class Arrival {
    kAccepted,
    kDuplicate,  ///< came before, or was merged or given up already
    kUnknown,    ///< outside the window: never issued
  };

  /// The next chunk in order.
  struct Merged {
    uint64_t sequence = 0;
    bool missing = false;  ///< given up by `GiveUp`
    int64_t arrived_ns = 0;
  };

  [[nodiscard]] size_t capacity() const { return slots_.size(); }
  /// May `sequence` be issued without outrunning the window?
  [[nodiscard]] bool MayIssue(uint64_t sequence) const { return sequence - next_ < slots_.size(); }
  [[nodiscard]] size_t SlotOf(uint64_t sequence) const { return sequence % slots_.size(); }
  /// Number of the first chunk not merged yet.
  [[nodiscard]] uint64_t next() const { return next_; }

  Arrival Arrive(uint64_t sequence, int64_t now_ns);
  /// `sequence` will never come; later ones need not wait for it.
  void GiveUp(uint64_t sequence);
  /// The next chunk in order if it is there.
  std::optional<Merged> PopReady();

  /// Chunks that arrived after one with a higher number.
  [[nodiscard]] int64_t inversions() const { return inversions_; }
  /// Most chunks that waited at a time for an earlier one; up to date after `PopReady` gave
  /// nullopt.
  [[nodiscard]] int64_t max_depth() const { return max_depth_; }

 private:
  enum class State : uint8_t { kAwaited, kArrived, kMissing };
  struct Slot {
    State state = State::kAwaited;
    int64_t arrived_ns = 0;
  };

  std::vector<Slot> slots_;
  uint64_t next_ = 0;
  uint64_t highest_arrived_ = 0;
  bool any_arrived_ = false;
  int64_t waiting_ = 0;
  int64_t max_depth_ = 0;
  int64_t inversions_ = 0;
};

}  // namespace coresweep
