#include "harness/core/reorder_buffer.h"

#include <algorithm>

namespace coresweep {

ReorderBuffer::Arrival ReorderBuffer::Arrive(uint64_t sequence, int64_t now_ns) {
  if (sequence < next_) return Arrival::kDuplicate;
  if (!MayIssue(sequence)) return Arrival::kUnknown;
  Slot& slot = slots_[SlotOf(sequence)];
  if (slot.state != State::kAwaited) return Arrival::kDuplicate;
  if (any_arrived_ && sequence < highest_arrived_) ++inversions_;
  highest_arrived_ = any_arrived_ ? std::max(highest_arrived_, sequence) : sequence;
  any_arrived_ = true;
  slot = {State::kArrived, now_ns};
  ++waiting_;
  return Arrival::kAccepted;
}

void ReorderBuffer::GiveUp(uint64_t sequence) {
  if (sequence < next_ || !MayIssue(sequence)) return;
  Slot& slot = slots_[SlotOf(sequence)];
  if (slot.state == State::kAwaited) slot.state = State::kMissing;
}

std::optional<ReorderBuffer::Merged> ReorderBuffer::PopReady() {
  Slot& slot = slots_[SlotOf(next_)];
  if (slot.state == State::kAwaited) {
    max_depth_ = std::max(max_depth_, waiting_);
    return std::nullopt;
  }
  const Merged merged{next_, slot.state == State::kMissing, slot.arrived_ns};
  if (!merged.missing) --waiting_;
  slot = {};
  ++next_;
  return merged;
}

}  // namespace coresweep
