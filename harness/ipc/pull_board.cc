#include "harness/ipc/pull_board.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <type_traits>

#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "harness/ipc/futex.h"

namespace coresweep {
namespace {

constexpr uint64_t kFree = 0;
constexpr uint64_t kDone = 0xffff;
constexpr int64_t kLongestSleepNs = 100 * kNsPerMs;
constexpr size_t kPage = 4096;

/// The word of a slot: the chunk above, its state below: free, done, or 1 + the worker who has it.
constexpr uint64_t Word(uint64_t chunk, uint64_t state) {
  return chunk << 16U | state;
}
constexpr uint64_t ChunkIn(uint64_t word) {
  return word >> 16U;
}
constexpr uint64_t StateIn(uint64_t word) {
  return word & 0xffffU;
}

constexpr size_t RoundUp(size_t bytes, size_t to) {
  return (bytes + to - 1) / to * to;
}

}  // namespace

struct PullBoard::Head {
  alignas(kSharedLine) std::atomic<uint64_t> next;  ///< hint: no free chunk lies below it
  /// 1: the parent sleeps, or is about to, until chunk `wake_at` or a later one is done.
  alignas(kSharedLine) std::atomic<uint32_t> armed;
  std::atomic<uint64_t> wake_at;
  /// 1: a worker sleeps, or is about to, until there is room.
  alignas(kSharedLine) std::atomic<uint32_t> waiting;
  alignas(kSharedLine) std::atomic<uint64_t> owed;
};

struct alignas(kSharedLine) PullBoard::Slot {
  std::atomic<uint64_t> word;
  uint32_t worker;
  ChunkHeader header;
};

void PullBoard::AtStep(Step step) const {
  if (shape_.at_step != nullptr) shape_.at_step(step);
}

PullBoard::Head* PullBoard::head() const {
  return reinterpret_cast<Head*>(region_.data());
}

PullBoard::Slot& PullBoard::SlotOf(uint64_t chunk) const {
  return reinterpret_cast<Slot*>(region_.data() + sizeof(Head))[chunk % shape_.capacity];
}

std::byte* PullBoard::PayloadOf(uint64_t chunk) const {
  const size_t begin = RoundUp(sizeof(Head) + shape_.capacity * sizeof(Slot), kPage);
  return region_.data() + begin +
         chunk % shape_.capacity * RoundUp(shape_.answer_bytes, kSharedLine);
}

size_t PullBoard::Bytes(const BoardShape& shape) {
  return RoundUp(sizeof(Head) + shape.capacity * sizeof(Slot), kPage) +
         RoundUp(shape.capacity * RoundUp(shape.answer_bytes, kSharedLine), kPage);
}

PullBoard PullBoard::Create(const BoardShape& shape) {
  static_assert(std::atomic<uint64_t>::is_always_lock_free &&
                std::is_trivially_destructible_v<Slot>);
  PullBoard board(SharedRegion::Create("coresweep.board", Bytes(shape)), shape);
  new (board.region_.data()) Head{};
  for (uint64_t chunk = 0; chunk < shape.capacity; ++chunk)
    new (&board.SlotOf(chunk)) Slot{Word(chunk, kFree), 0, {}};
  return board;
}

PullBoard PullBoard::Attach(UniqueFd fd, const BoardShape& shape) {
  return {SharedRegion::Attach(std::move(fd), Bytes(shape), SharedRegion::Access::kReadWrite),
          shape};
}

std::optional<uint64_t> PullBoard::TryClaim(uint32_t worker, uint64_t bound) noexcept {
  AtStep(Step::kWaiting);
  uint64_t chunk = head()->next.load(std::memory_order_relaxed);
  // Not further than a round at a time: on a board that somebody damaged there may be no end.
  for (uint32_t looks = 0; chunk < bound && looks <= shape_.capacity; ++looks) {
    std::atomic<uint64_t>& word = SlotOf(chunk).word;
    uint64_t seen = word.load(std::memory_order_acquire);  // pairs with Free, Reclaim
    if (ChunkIn(seen) < chunk) return std::nullopt;        // an earlier one is not merged: no room
    if (seen == Word(chunk, kFree)) {
      // Acquire: what the parent read of the earlier chunk was read before we write over it.
      if (!word.compare_exchange_strong(seen, Word(chunk, worker + 1), std::memory_order_acquire))
        continue;
    }
    const bool is_ours = seen == Word(chunk, kFree);
    if (is_ours) AtStep(Step::kReceived);
    uint64_t hint = chunk;
    head()->next.compare_exchange_strong(hint, chunk + 1, std::memory_order_relaxed);
    if (is_ours) return chunk;
    ++chunk;
  }
  return std::nullopt;
}

void PullBoard::AwaitRoom(int64_t spin_ns) noexcept {
  const auto room = [this] {
    const uint64_t chunk = head()->next.load(std::memory_order_relaxed);
    return ChunkIn(SlotOf(chunk).word.load(std::memory_order_seq_cst)) >= chunk;  // with Free
  };
  const int64_t begin_ns = NowNs();
  const int64_t most_ns = std::min(spin_ns, kLongestSleepNs);
  while (most_ns > 0 && NowNs() - begin_ns < most_ns) {
    if (room()) return;
    SpinPause();
  }
  if (spin_ns > most_ns) return;
  // We store `waiting` and load the word, the parent stores the word and loads `waiting`, all four
  // sequentially consistent: one of us sees the other.
  head()->waiting.store(1, std::memory_order_seq_cst);  // pairs with WakeWaiting
  AtStep(Step::kReceiving);
  if (!room()) FutexWait(&head()->waiting, 1, kLongestSleepNs);
}

std::span<std::byte> PullBoard::AnswerSpace(uint64_t chunk) const {
  AtStep(Step::kAnswering);
  return {PayloadOf(chunk), shape_.answer_bytes};
}

bool PullBoard::Publish(uint32_t worker, const ChunkHeader& header) noexcept {
  Slot& slot = SlotOf(header.sequence);
  slot.worker = worker;
  slot.header = header;
  AtStep(Step::kSending);
  // Not a plain store: where the claim was taken from us, its place may be another chunk's by now.
  uint64_t ours = Word(header.sequence, worker + 1);
  const bool is_ours =
      slot.word.compare_exchange_strong(ours, Word(header.sequence, kDone),
                                        std::memory_order_seq_cst);  // pairs with Done, Arm
  AtStep(Step::kPublished);
  return is_ours;
}

bool PullBoard::MustWake(uint64_t chunk) noexcept {
  return head()->armed.load(std::memory_order_seq_cst) != 0 &&  // pairs with Arm
         chunk >= head()->wake_at.load(std::memory_order_relaxed) &&
         head()->armed.exchange(0, std::memory_order_seq_cst) != 0;
}

uint64_t PullBoard::owed() const noexcept {
  return head()->owed.load(std::memory_order_acquire);  // pairs with Reclaim
}

std::optional<PullBoard::Answer> PullBoard::Done(uint64_t chunk) const {
  const Slot& slot = SlotOf(chunk);
  if (slot.word.load(std::memory_order_acquire) != Word(chunk, kDone)) return std::nullopt;
  Answer answer{slot.header, slot.worker, {}};  // a copy: it cannot change after it was checked
  if (answer.header.payload_bytes > shape_.answer_bytes) throw Error("longer than its place");
  answer.payload = {PayloadOf(chunk), static_cast<size_t>(answer.header.payload_bytes)};
  return answer;
}

void PullBoard::Free(uint64_t chunk) noexcept {
  // Release: we have read the answer. And sequentially consistent, see AwaitRoom.
  SlotOf(chunk).word.store(Word(chunk + shape_.capacity, kFree),
                           std::memory_order_seq_cst);  // pairs with TryClaim
}

void PullBoard::WakeWaiting() noexcept {
  if (head()->waiting.load(std::memory_order_seq_cst) != 0 &&  // pairs with AwaitRoom
      head()->waiting.exchange(0, std::memory_order_seq_cst) != 0) {
    FutexWakeAll(&head()->waiting);
  }
}

std::vector<uint64_t> PullBoard::HeldBy(uint32_t worker) const {
  std::vector<uint64_t> held;
  for (uint64_t i = 0; i < shape_.capacity; ++i) {
    const uint64_t word = SlotOf(i).word.load(std::memory_order_acquire);  // pairs with TryClaim
    const bool in_place = ChunkIn(word) % shape_.capacity == i;  // whatever a worker wrote there
    if (in_place && StateIn(word) == worker + 1U) held.push_back(ChunkIn(word));
  }
  std::sort(held.begin(), held.end());
  return held;
}

void PullBoard::Reclaim(uint64_t chunk, uint64_t owed) noexcept {
  SlotOf(chunk).word.store(Word(chunk, kFree), std::memory_order_seq_cst);  // pairs with TryClaim
  uint64_t hint = head()->next.load(std::memory_order_relaxed);
  while (chunk < hint &&
         !head()->next.compare_exchange_weak(hint, chunk, std::memory_order_relaxed)) {
  }
  head()->owed.store(owed, std::memory_order_release);  // pairs with owed
}

uint64_t PullBoard::next() const noexcept {
  return head()->next.load(std::memory_order_relaxed);
}

uint64_t PullBoard::claimed_end() const {
  uint64_t end = 0;
  for (uint64_t i = 0; i < shape_.capacity; ++i) {
    const uint64_t word = SlotOf(i).word.load(std::memory_order_acquire);
    const uint64_t chunk = ChunkIn(word);
    if (chunk % shape_.capacity != i) continue;
    if (StateIn(word) != kFree)
      end = std::max(end, chunk + 1);
    else if (chunk >= shape_.capacity)
      end = std::max(end, chunk - shape_.capacity + 1);
  }
  return end;
}

bool PullBoard::Arm(uint64_t chunk) noexcept {
  head()->wake_at.store(chunk, std::memory_order_relaxed);  // published by the next store
  head()->armed.store(1, std::memory_order_seq_cst);        // pairs with Publish
  if (SlotOf(chunk).word.load(std::memory_order_seq_cst) != Word(chunk, kDone)) return true;
  head()->armed.store(0, std::memory_order_seq_cst);
  return false;
}

}  // namespace coresweep
