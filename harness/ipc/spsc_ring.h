// A single-producer single-consumer ring of slot numbers in shared memory.
//
// Only the indices live here. Slot i of whatever the ring is about (headers, payloads) belongs to
// the producer from TryAcquire to Publish and to the consumer from TryFront to Pop. There is no
// lock: a peer that dies anywhere leaves at worst a slot that was never published.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

namespace coresweep {

/// 128 bytes: x86 prefetches cache lines in pairs, and some aarch64 lines are that long.
constexpr size_t kSharedLine = 128;

/// The shared part; all zero is the empty ring. Indices count up for ever and are reduced modulo
/// the capacity where used.
struct RingIndices {
  alignas(kSharedLine) std::atomic<uint64_t> tail{0};   ///< written by the producer alone
  alignas(kSharedLine) std::atomic<uint64_t> head{0};   ///< written by the consumer alone
  alignas(kSharedLine) std::atomic<uint32_t> armed{0};  ///< 1: the consumer sleeps or is about to
};
static_assert(std::atomic<uint64_t>::is_always_lock_free &&
              std::atomic<uint32_t>::is_always_lock_free);
static_assert(sizeof(RingIndices) == 3 * kSharedLine);

/// The producer's handle; private to its process. Caching the consumer's index saves a cache miss
/// for every slot but the first of a lap.
class RingProducer {
 public:
  RingProducer(RingIndices* shared, uint32_t capacity) : shared_(shared), capacity_(capacity) {}

  /// Slot to fill, or nullopt when all are in use. Repeats its answer until `Publish`.
  [[nodiscard]] std::optional<uint32_t> TryAcquire() noexcept {
    if (tail_ - cached_head_ >= capacity_) {
      cached_head_ = shared_->head.load(std::memory_order_acquire);  // pairs with Pop
      if (tail_ - cached_head_ >= capacity_) return std::nullopt;
    }
    return static_cast<uint32_t>(tail_ % capacity_);
  }

  /// Makes the acquired slot the consumer's. True, once, when the consumer had armed: the caller
  /// must then wake it. Sequentially consistent, as `Arm` is: we store `tail` and load `armed`, it
  /// stores `armed` and loads `tail`, so that in the one order of these four at least one side sees
  /// the other and no wake-up is lost. (Release and acquire alone would allow both loads to come
  /// first.)
  [[nodiscard]] bool Publish() noexcept {
    shared_->tail.store(++tail_, std::memory_order_seq_cst);       // pairs with TryFront, Arm
    return shared_->armed.load(std::memory_order_seq_cst) != 0 &&  // pairs with Arm
           shared_->armed.exchange(0, std::memory_order_seq_cst) != 0;
  }

 private:
  RingIndices* shared_;
  uint32_t capacity_;
  uint64_t tail_ = 0;
  uint64_t cached_head_ = 0;
};

/// The consumer's handle; private to its process.
class RingConsumer {
 public:
  RingConsumer(RingIndices* shared, uint32_t capacity) : shared_(shared), capacity_(capacity) {}

  /// Oldest published slot, or nullopt when there is none. Repeats its answer until `Pop`.
  [[nodiscard]] std::optional<uint32_t> TryFront() noexcept {
    if (cached_tail_ == head_) {
      cached_tail_ = shared_->tail.load(std::memory_order_acquire);  // pairs with Publish
      if (cached_tail_ == head_) return std::nullopt;
    }
    return static_cast<uint32_t>(head_ % capacity_);
  }

  /// Gives the front slot back to the producer.
  void Pop() noexcept {
    shared_->head.store(++head_, std::memory_order_release);  // pairs with TryAcquire
  }

  /// Asks to be woken. False when something is there already: then do not sleep.
  [[nodiscard]] bool Arm() noexcept {
    shared_->armed.store(1, std::memory_order_seq_cst);            // pairs with Publish
    cached_tail_ = shared_->tail.load(std::memory_order_seq_cst);  // pairs with Publish
    if (cached_tail_ == head_) return true;
    Disarm();
    return false;
  }
  void Disarm() noexcept { shared_->armed.store(0, std::memory_order_seq_cst); }

  /// The word to sleep on while it is 1.
  [[nodiscard]] std::atomic<uint32_t>* armed() noexcept { return &shared_->armed; }

  /// False when the producer claims more slots than there are: its memory is not to be trusted.
  [[nodiscard]] bool Plausible() const noexcept { return cached_tail_ - head_ <= capacity_; }

 private:
  RingIndices* shared_;
  uint32_t capacity_;
  uint64_t head_ = 0;
  uint64_t cached_tail_ = 0;
};

}  // namespace coresweep
