// A single-producer single-consumer ring of messages in shared memory.
//
// Each slot carries a header, room for a small payload and its own `turn`: the number of the
// message in it. The consumer watches the turn of the slot that is due, so one cache line brings
// both the news and the header; there is no shared tail to read first. There is no lock: a peer
// that dies anywhere leaves at worst a slot that was never published.
//
//   producer                           consumer
//   TryAcquire .. fill .. Publish ---> TryFront .. read .. Advance    (turn: release, acquire)
//        ^------------------------------------------------ Release    (head: release, acquire)
//   Publish: turn, then armed <------> Arm: armed, then turn          (all sequentially consistent)
#pragma once

#include <atomic>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>
#include <vector>

#include "harness/ipc/message.h"

namespace coresweep {

/// 128 bytes: x86 prefetches cache lines in pairs, and some aarch64 lines are that long.
constexpr size_t kSharedLine = 128;

/// One message; zeroed memory is a slot that never held one.
struct alignas(kSharedLine) RingSlot {
  static constexpr size_t kInline = 64;

  /// Low bits of 1 + the position of the message in the stream. Written last and read first; it
  /// stands where the header has its magic number, so that both share one cache line.
  std::atomic<uint32_t> turn;
  std::byte header[sizeof(ChunkHeader) - sizeof(uint32_t)];  ///< without the magic number
  std::byte payload[kInline];  ///< the payload where it fits, else where it lies
};
static_assert(sizeof(RingSlot) == kSharedLine && offsetof(ChunkHeader, magic) == 0);

/// What both ends share besides the slots; all zero is the empty ring.
struct RingControl {
  alignas(kSharedLine) std::atomic<uint64_t> head;  ///< slots given back; written by the consumer
  /// 1: the consumer sleeps, or is about to, until message `wake_at` is there. Written by the
  /// consumer, and by the producer that wakes it.
  alignas(kSharedLine) std::atomic<uint32_t> armed;
  std::atomic<uint64_t> wake_at;  ///< messages in all, the first `wake_at` of the stream
};
static_assert(std::atomic<uint64_t>::is_always_lock_free &&
              std::atomic<uint32_t>::is_always_lock_free);
static_assert(std::is_standard_layout_v<RingSlot>);

/// A place in the stream and the slot it falls on; counting on is cheaper than dividing.
struct RingCursor {
  uint64_t position = 0;
  uint32_t slot = 0;

  void Step(uint32_t capacity) noexcept {
    ++position;
    if (++slot == capacity) slot = 0;
  }
  /// The `turn` of a slot that holds this message.
  [[nodiscard]] uint32_t Turn() const noexcept { return static_cast<uint32_t>(position + 1); }
};

/// The producer's handle; private to its process.
class RingProducer {
 public:
  RingProducer(RingControl* control, std::span<RingSlot> slots)
      : control_(control), slots_(slots), capacity_(static_cast<uint32_t>(slots.size())) {}

  /// Slot to fill, or nullptr when all are in use. Repeats its answer until `Publish`.
  [[nodiscard]] RingSlot* TryAcquire() noexcept {
    if (tail_.position - cached_head_ >= capacity_) {
      cached_head_ = control_->head.load(std::memory_order_acquire);  // pairs with Release
      if (tail_.position - cached_head_ >= capacity_) return nullptr;
    }
    return &slots_[tail_.slot];
  }
  /// Number of that slot.
  [[nodiscard]] uint32_t slot() const noexcept { return tail_.slot; }

  /// Makes the acquired slot, with `header`, the consumer's. Call `MustWake` next.
  void Publish(const ChunkHeader& header) noexcept {
    RingSlot& slot = slots_[tail_.slot];
    std::memcpy(slot.header, reinterpret_cast<const std::byte*>(&header) + sizeof slot.turn,
                sizeof slot.header);
    slot.turn.store(tail_.Turn(), std::memory_order_seq_cst);  // pairs with TryFront and Arm
    tail_.Step(capacity_);
  }

  /// True, once, when the consumer had armed for what is there now: the caller must then wake it.
  /// We stored `turn` and load `armed`, it stores `armed` and loads `turn`. All four are
  /// sequentially consistent: in their one order either we see that it is armed or it sees the
  /// message, and no wake-up is lost. (Release and acquire alone would allow both loads to come
  /// first.) A stale `wake_at` cannot be read with a later `armed`: it is stored before it.
  [[nodiscard]] bool MustWake() noexcept {
    return control_->armed.load(std::memory_order_seq_cst) != 0 &&  // pairs with Arm
           tail_.position >= control_->wake_at.load(std::memory_order_relaxed) &&
           control_->armed.exchange(0, std::memory_order_seq_cst) != 0;
  }

 private:
  RingControl* control_;
  std::span<RingSlot> slots_;
  uint32_t capacity_;
  RingCursor tail_;
  uint64_t cached_head_ = 0;
};

/// The consumer's handle; private to its process. It trusts nothing in the shared memory: whatever
/// the producer writes there, it sees a message that is due or none.
class RingConsumer {
 public:
  RingConsumer(RingControl* control, std::span<RingSlot> slots)
      : control_(control),
        slots_(slots),
        capacity_(static_cast<uint32_t>(slots.size())),
        released_(slots.size()) {}

  /// The oldest message not taken yet, or nullptr when there is none. Repeats its answer until
  /// `Advance`. Nothing either while all slots are held: a message there would be an old one.
  [[nodiscard]] RingSlot* TryFront() noexcept {
    RingSlot& slot = slots_[next_.slot];
    if (slot.turn.load(std::memory_order_acquire) != next_.Turn()) return nullptr;  // Publish
    return next_.position - head_.position < capacity_ ? &slot : nullptr;
  }
  /// Number of the slot at the front.
  [[nodiscard]] uint32_t slot() const noexcept { return next_.slot; }

  /// Takes the front message; its slot stays the consumer's until `Release`.
  void Advance() noexcept { next_.Step(capacity_); }

  /// Gives a taken slot back, in any order; the producer gets them back in theirs.
  void Release(uint32_t slot) noexcept {
    released_[slot] = 1;
    const uint64_t before = head_.position;
    while (head_.position < next_.position && released_[head_.slot] != 0) {
      released_[head_.slot] = 0;
      head_.Step(capacity_);
    }
    if (head_.position == before) return;
    control_->head.store(head_.position, std::memory_order_release);  // pairs with TryAcquire
  }

  /// Asks to be woken once `messages` (>= 1) are there that were not taken. False when they are
  /// there already: then do not sleep.
  [[nodiscard]] bool Arm(uint32_t messages) noexcept {
    control_->wake_at.store(next_.position + messages, std::memory_order_relaxed);  // see MustWake
    control_->armed.store(1, std::memory_order_seq_cst);  // pairs with MustWake
    RingCursor last = next_;
    for (uint32_t i = 1; i < messages; ++i)
      last.Step(capacity_);
    if (slots_[last.slot].turn.load(std::memory_order_seq_cst) != last.Turn())
      return true;  // Publish
    Disarm();
    return false;
  }
  void Disarm() noexcept { control_->armed.store(0, std::memory_order_seq_cst); }

  /// The word to sleep on while it is 1.
  [[nodiscard]] std::atomic<uint32_t>* armed() noexcept { return &control_->armed; }

 private:
  RingControl* control_;
  std::span<RingSlot> slots_;
  uint32_t capacity_;
  RingCursor next_;
  RingCursor head_;
  std::vector<uint8_t> released_;
};

/// The header in a published slot: a copy, since the peer could change the original between check
/// and use.
inline ChunkHeader HeaderIn(const RingSlot& slot) noexcept {
  ChunkHeader header;
  std::memcpy(reinterpret_cast<std::byte*>(&header) + sizeof slot.turn, slot.header,
              sizeof slot.header);
  return header;
}

}  // namespace coresweep
