#include "harness/ipc/shm_arena.h"

#include <algorithm>

namespace coresweep {
namespace {

constexpr size_t kPage = 4096;

constexpr size_t RoundUp(size_t bytes, size_t to) {
  return (bytes + to - 1) / to * to;
}

/// Room that each slot needs for payloads of up to `bytes`.
constexpr size_t Beside(size_t bytes) {
  return bytes <= RingSlot::kInline ? 0 : RoundUp(bytes, kSharedLine);
}

}  // namespace

ArenaLayout::ArenaLayout(const ChannelShape& shape)
    : request_slots(static_cast<uint32_t>(shape.Requests()) + 1),
      answer_slots(static_cast<uint32_t>(shape.credit + shape.held_answers) + 1),
      request_bytes(shape.lent.bytes > 0 ? 0 : Beside(shape.request_bytes)),
      answer_bytes(Beside(shape.answer_bytes)),
      request_ring(RoundUp(sizeof(ArenaHead), kSharedLine)),
      answer_ring(request_ring + request_slots * sizeof(RingSlot)),
      requests(RoundUp(answer_ring + answer_slots * sizeof(RingSlot), kPage)),
      answers(RoundUp(requests + request_slots * request_bytes, kPage)),
      bytes(RoundUp(answers + answer_slots * answer_bytes, kPage)) {}

}  // namespace coresweep
