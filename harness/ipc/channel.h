// The two ends of a connection between the dispatcher and one worker, whatever carries it.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "harness/base/unique_fd.h"
#include "harness/ipc/message.h"

namespace coresweep {

/// A received message; the payload stays valid until the next call on the same end.
struct Incoming {
  ChunkHeader header;
  std::span<std::byte> payload;
};

/// The dispatcher's end. Never blocks. Messages of one connection keep their order. Used by one
/// thread. Anything malformed (magic, generation, lengths beyond `ChannelShape`) throws `Error`.
class DispatcherChannel {
 public:
  virtual ~DispatcherChannel() = default;

  /// Hands a message over; false when there is no room now. The payload must stay unchanged until
  /// the chunk is answered: part of it may still be on its way.
  [[nodiscard]] virtual bool TrySend(const ChunkHeader& header,
                                     std::span<const std::byte> payload) = 0;
  /// True while room in the connection, `send_fd` being writable, is awaited to go on sending.
  [[nodiscard]] virtual bool WantsToSend() const { return false; }
  /// Goes on with what an earlier `TrySend` left half sent.
  virtual void Flush() {}
  /// Next answer if one is there. nullopt also after the worker closed its end.
  [[nodiscard]] virtual std::optional<Incoming> TryReceive() = 0;

  /// Readable when `TryReceive` may have something, provided `PrepareToSleep` returned true since
  /// the last answer. Owned by the channel.
  [[nodiscard]] virtual int receive_fd() const = 0;
  /// Writable when `Flush` may go on; -1 where it is never needed.
  [[nodiscard]] virtual int send_fd() const { return -1; }
  /// Call before waiting on `receive_fd`. False: an answer is there already, do not sleep.
  [[nodiscard]] virtual bool PrepareToSleep() { return true; }
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
};

/// What a connection must be able to carry.
struct ChannelShape {
  size_t request_bytes = 0;  ///< largest payload of a chunk's items
  size_t answer_bytes = 0;   ///< largest payload of a chunk's answers
  int credit = 2;            ///< most chunks in flight
  uint32_t generation = 1;
  int64_t spin_ns = 0;  ///< longest busy wait before sleeping; 0 where CPUs are shared
};

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
