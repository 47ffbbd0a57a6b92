// The memory between the dispatcher and one worker: two rings, and room for payloads that do not
// fit into a slot.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>

#include "harness/base/shared_region.h"
#include "harness/ipc/channel.h"
#include "harness/ipc/spsc_ring.h"

namespace coresweep {

/// Head of the arena; zeroed memory is a valid start.
struct ArenaHead {
  RingControl requests;
  RingControl answers;
  alignas(kSharedLine) std::atomic<uint32_t> closed;  ///< 1: the dispatcher will send no more
};

/// Where things lie, in bytes from the start. Both ends compute it from the shape they were told;
/// nothing of it is read from shared memory, so a peer cannot make the other look elsewhere.
struct ArenaLayout {
  explicit ArenaLayout(const ChannelShape& shape);

  uint32_t request_slots;  ///< one more than there are requests in flight, for the stop message
  /// One more than are owed or held: for the answer between two `TryReceive`s, or for one that was
  /// not asked for, which is then counted instead of refused.
  uint32_t answer_slots;
  size_t request_bytes;  ///< room for a payload that is too large for its slot; 0: none is needed
  size_t answer_bytes;
  size_t request_ring;
  size_t answer_ring;
  size_t requests;
  size_t answers;
  size_t bytes;  ///< of the whole arena
};

/// The arena as one side sees it.
class ShmArena {
 public:
  ShmArena(SharedRegion region, const ChannelShape& shape)
      : region_(std::move(region)), layout_(shape) {}

  [[nodiscard]] ArenaHead* head() const { return reinterpret_cast<ArenaHead*>(region_.data()); }
  [[nodiscard]] int fd() const { return region_.fd(); }
  [[nodiscard]] std::span<RingSlot> RequestRing() const {
    return {reinterpret_cast<RingSlot*>(region_.data() + layout_.request_ring),
            layout_.request_slots};
  }
  [[nodiscard]] std::span<RingSlot> AnswerRing() const {
    return {reinterpret_cast<RingSlot*>(region_.data() + layout_.answer_ring),
            layout_.answer_slots};
  }
  /// Where a payload of `bytes` in slot number `index` lies: in the slot if it fits.
  [[nodiscard]] std::byte* Request(RingSlot* slot, uint32_t index, size_t bytes) const {
    if (bytes <= RingSlot::kInline) return slot->payload;
    return region_.data() + layout_.requests + index * layout_.request_bytes;
  }
  [[nodiscard]] std::byte* Answer(RingSlot* slot, uint32_t index, size_t bytes) const {
    if (bytes <= RingSlot::kInline) return slot->payload;
    return region_.data() + layout_.answers + index * layout_.answer_bytes;
  }

 private:
  SharedRegion region_;
  ArenaLayout layout_;
};

}  // namespace coresweep
