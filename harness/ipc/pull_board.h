// Chunks that workers take themselves: a shared counter, and a place for every answer.
//
// A slot's word says which chunk it is for and how far that is; one compare-and-exchange on it is
// the claim. So at every moment it is known who has which chunk, also of a worker that died in the
// middle of a claim, and nobody waits for anybody: the shared counter is but a hint where to look.
//
//   (chunk s, free) --claim--> (s, worker w) --answer--> (s, done) --merge--> (s + capacity, free)
//         ^                          |
//         +----- worker died --------+
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "harness/base/shared_region.h"
#include "harness/ipc/channel.h"
#include "harness/ipc/spsc_ring.h"

namespace coresweep {

/// How much of it there is.
struct BoardShape {
  uint32_t capacity = 1;    ///< most chunks between claim and merge
  size_t answer_bytes = 0;  ///< largest payload of a chunk's answers
  /// Called by the worker's side at each step; nullptr but in tests.
  void (*at_step)(Step) = nullptr;
};

/// One mapping of the board. All workers may write all of it, so a hostile one can spoil what
/// others do, which the arenas of other dispatches prevent. The parent's side bounds-checks all
/// that it reads; what it finds out, and what it cannot, is in harness/DESIGN.md.
class PullBoard {
 public:
  /// An answer as the parent finds it.
  struct Answer {
    ChunkHeader header;
    uint32_t worker = 0;
    std::span<std::byte> payload;
  };

  /// An empty board in memory of its own. Throws `Error` when that is refused.
  static PullBoard Create(const BoardShape& shape);
  /// The board behind an inherited descriptor.
  static PullBoard Attach(UniqueFd fd, const BoardShape& shape);
  /// Size of its memory.
  static size_t Bytes(const BoardShape& shape);

  [[nodiscard]] int fd() const { return region_.fd(); }

  // --- Worker's side

  /// Claims the next chunk below `bound`; nullopt when there is none or no room for its answer.
  [[nodiscard]] std::optional<uint64_t> TryClaim(uint32_t worker, uint64_t bound) noexcept;
  /// Waits until `TryClaim` may succeed: spins for `spin_ns`, then sleeps, a tenth of a second at
  /// most. True when it should be tried again at once.
  void AwaitRoom(int64_t spin_ns) noexcept;
  /// Where the answers to the claimed `chunk` go.
  [[nodiscard]] std::span<std::byte> AnswerSpace(uint64_t chunk) const;
  /// Makes the answers to the claimed chunk `header.sequence` the parent's; call `MustWake` next.
  /// False: the claim is gone, so somebody else wrote to its word.
  [[nodiscard]] bool Publish(uint32_t worker, const ChunkHeader& header) noexcept;
  /// True, once, when the parent had armed for the published `chunk`: the caller must then wake it.
  [[nodiscard]] bool MustWake(uint64_t chunk) noexcept;
  /// Chunks below this are to be computed even after the end of the window.
  [[nodiscard]] uint64_t owed() const noexcept;

  // --- Parent's side

  /// The answer to `chunk` if it is done; a copy of its header, unchecked but for its length, which
  /// is an `Error` when it is too long.
  [[nodiscard]] std::optional<Answer> Done(uint64_t chunk) const;
  /// Gives the place of `chunk` to the one `capacity` later.
  void Free(uint64_t chunk) noexcept;
  /// Wakes workers that wait for room, if any do; after one or more `Free`s.
  void WakeWaiting() noexcept;
  /// Chunks that `worker` has claimed and not answered, in order.
  [[nodiscard]] std::vector<uint64_t> HeldBy(uint32_t worker) const;
  /// Takes `chunk` from a worker that has ended: it can be claimed again. Chunks below `owed` are
  /// to be computed even after the end of the window.
  void Reclaim(uint64_t chunk, uint64_t owed) noexcept;
  /// A hint: chunks from here on are not claimed, or were so a moment ago.
  [[nodiscard]] uint64_t next() const noexcept;
  /// One more than the highest chunk claimed so far.
  [[nodiscard]] uint64_t claimed_end() const;
  /// Asks to be woken when `chunk`, or a later one, is done. False when `chunk` is: do not sleep.
  [[nodiscard]] bool Arm(uint64_t chunk) noexcept;

 private:
  struct Head;
  struct Slot;

  PullBoard(SharedRegion region, const BoardShape& shape)
      : region_(std::move(region)), shape_(shape) {}
  void AtStep(Step step) const;
  [[nodiscard]] Head* head() const;
  [[nodiscard]] Slot& SlotOf(uint64_t chunk) const;
  [[nodiscard]] std::byte* PayloadOf(uint64_t chunk) const;

  SharedRegion region_;
  BoardShape shape_;
};

}  // namespace coresweep
