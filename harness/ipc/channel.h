// The two ends of a connection between the dispatcher and one worker, whatever carries it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "harness/base/unique_fd.h"
#include "harness/ipc/message.h"

namespace coresweep {

/// A received message; the payload stays valid until the next call on the same end, or until
/// `DispatcherChannel::Release` where the channel `HoldsAnswers`.
struct Incoming {
  ChunkHeader header;
  std::span<std::byte> payload;
  uint32_t slot = 0;  ///< for `Release`
};

/// Whoever keeps answers in memory of its own until they are merged.
class AnswerKeeper {
 public:
  virtual ~AnswerKeeper() = default;
  /// Gives the answer in `Incoming::slot` back, in any order.
  virtual void Release(uint32_t slot) = 0;
};

/// The dispatcher's end. Never blocks. Messages of one connection keep their order. Used by one
/// thread. Anything malformed (magic, generation, lengths beyond `ChannelShape`) throws `Error`.
class DispatcherChannel : public AnswerKeeper {
 public:
  /// Hands a message over; false when there is no room now. The payload must stay unchanged until
  /// the chunk is answered: part of it may still be on its way.
  [[nodiscard]] virtual bool TrySend(const ChunkHeader& header,
                                     std::span<const std::byte> payload) = 0;
  /// True while room in the connection, `send_fd` being writable, is awaited to go on sending.
  [[nodiscard]] virtual bool WantsToSend() const { return false; }
  /// Room for the payload of the next chunk in memory that the worker sees: produced here and then
  /// handed to `TrySend` it is not copied. Empty when there is no room now or no such memory.
  [[nodiscard]] virtual std::span<std::byte> Loan(size_t /*bytes*/) { return {}; }
  /// Goes on with what an earlier `TrySend` left half sent.
  virtual void Flush() {}
  /// Next answer if one is there. nullopt also after the worker closed its end.
  [[nodiscard]] virtual std::optional<Incoming> TryReceive() = 0;
  /// True while answers that the worker sent before it reported or ended may still come, and make
  /// `receive_fd` readable: what it says elsewhere overtakes them. False: `TryReceive` finds them.
  [[nodiscard]] virtual bool AnswersMayBeLate() const { return false; }
  /// True: a `TryReceive` that finds nothing costs a system call, and `receive_fd` is readable
  /// whenever there is something, so whoever is to sleep need not look first.
  [[nodiscard]] virtual bool LookIsSystemCall() const { return false; }
  /// True: each answer stays where the worker wrote it until it is `Release`d; `TrySend` refuses
  /// what would bring more than `credit` + `held_answers` chunks between issue and release, counted
  /// from the oldest that is held.
  [[nodiscard]] virtual bool HoldsAnswers() const { return false; }
  /// Only where it `HoldsAnswers`.
  void Release(uint32_t /*slot*/) override {}

  /// Readable when `TryReceive` may have something, provided `PrepareToSleep` returned true since
  /// the last answer. Owned by the channel.
  [[nodiscard]] virtual int receive_fd() const = 0;
  /// Writable when `Flush` may go on; -1 where it is never needed.
  [[nodiscard]] virtual int send_fd() const { return -1; }
  /// Call before waiting on `receive_fd`. False: `answers` answers (>= 1) are there already, do not
  /// sleep. Not more than the worker owes. A channel that can merge wake-ups makes `receive_fd`
  /// readable only once so many are there; the others at the first.
  [[nodiscard]] virtual bool PrepareToSleep(size_t /*answers*/) { return true; }
  /// Call after `receive_fd` was seen readable.
  virtual void Woken() {}
};

/// The worker's end. Used by one thread.
class WorkerChannel {
 public:
  virtual ~WorkerChannel() = default;

  /// Waits for the next message and returns it; nullopt when the dispatcher closed its end. Throws
  /// `Error` on a malformed message. The worker ends with its parent, so waiting needs no limit.
  [[nodiscard]] virtual std::optional<Incoming> Receive() = 0;
  /// Where to write the answers to the chunk just received: `bytes` <=
  /// `ChannelShape::answer_bytes`.
  [[nodiscard]] virtual std::span<std::byte> AnswerSpace(size_t bytes) = 0;
  /// Sends `header` with the first `header.payload_bytes` of the last `AnswerSpace`.
  virtual void Send(const ChunkHeader& header) = 0;
  /// True: payloads lie in the dispatcher's memory, and writing to them ends this process.
  [[nodiscard]] virtual bool PayloadIsReadOnly() const { return false; }
};

/// Busy waits without an end: the `wait` axis' value `spin`.
constexpr int64_t kSpinForever = std::numeric_limits<int64_t>::max();

/// Memory of the dispatcher that its workers map read-only: a payload inside it need not travel.
struct LentMemory {
  size_t bytes = 0;                 ///< 0: none
  int fd = -1;                      ///< of a memfd, not owned; dispatcher's side only
  const std::byte* data = nullptr;  ///< where the dispatcher has it; dispatcher's side only
};

/// The steps of a worker's protocol, in order, at which a test may end it or make it misbehave.
enum class Step {
  kWaiting,    ///< before it looks for a chunk
  kReceiving,  ///< a part of the chunk has come or it is about to sleep, whatever comes later
  kReceived,   ///< the chunk is whole
  kAnswering,  ///< the room for the answer is its own, nothing is in it
  kSending,    ///< a part of the answer is on its way, or it is written and not published
  kPublished,  ///< the answer is out and the dispatcher is not woken yet
  kSent,       ///< all is done
};

/// What a connection must be able to carry.
struct ChannelShape {
  size_t request_bytes = 0;  ///< largest payload of a chunk's items
  size_t answer_bytes = 0;   ///< largest payload of a chunk's answers
  int credit = 2;            ///< most chunks in flight, that is, answers owed
  int requests = 0;          ///< most requests in flight, of one or more chunks; 0: `credit`
  uint32_t generation = 1;
  int64_t spin_ns = 0;   ///< longest busy wait before sleeping; 0 where CPUs are shared
  int held_answers = 0;  ///< answers the dispatcher may hold besides those in flight
  LentMemory lent = {};  ///< for transports that lend (shm_loan); others copy from it
  /// Called by the worker's end at each step; nullptr but in tests.
  void (*at_step)(Step) = nullptr;

  [[nodiscard]] int Requests() const { return requests > 0 ? requests : credit; }
};

inline void AtStep(const ChannelShape& shape, Step step) {
  if (shape.at_step != nullptr) shape.at_step(step);
}

/// Both ends before the worker is spawned: its side as descriptors to inherit.
struct Connection {
  std::unique_ptr<DispatcherChannel> dispatcher;
  std::vector<UniqueFd> worker_fds;
};

/// One row of the table of transports.
struct TransportEntry {
  std::string_view name;
  std::string_view summary;  ///< for --help
  int worker_fd_count;
  Connection (*open)(const ChannelShape& shape);
  std::unique_ptr<WorkerChannel> (*attach)(std::vector<UniqueFd> fds, const ChannelShape& shape);
};

/// Throws `Error` unless `header` is a message of kind `kind` that fits.
void CheckHeader(const ChunkHeader& header, const ChannelShape& shape, size_t most_bytes);

}  // namespace coresweep
