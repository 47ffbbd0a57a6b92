// Bare connections between two processes, with nothing above the system call or the cache line: the
// limits beside which transports are shown.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "harness/base/unique_fd.h"

namespace coresweep {

/// Payloads each way that a line has room for in a round trip; as many as transport `shm` has by
/// default. With one, its lines would have to come back from the other core before each message,
/// and the limit be slower than what it limits.
constexpr uint32_t kLineSlots = 3;

enum class RawKind {
  kPipe,
  kUnix,
  kSeqpacket,
  kTcp,
  kMq,
  kLineCopied,   ///< a word and a payload in shared memory; what we send is copied there
  kLineInPlace,  ///< the same, what we send is written there
};

/// "pipe", "unix", …; both lines are "line".
std::string_view ToString(RawKind kind);

/// What both ends must agree on.
struct RawShape {
  RawKind kind = RawKind::kPipe;
  size_t bytes = 0;             ///< of the largest payload
  bool spinning = false;        ///< both ends look for ever; else they sleep
  uint32_t slots = kLineSlots;  ///< of a line, each way
};

/// False for up to 64 bytes over shared memory: they would fit into the cache line of the word, so
/// that the limit is the line alone, and neither side copies them.
bool CarriesPayload(const RawShape& shape);

/// One end. Blocks. Used by one thread. A payload of 0 bytes travels as one byte where the system
/// call cannot carry none. Throws `Error` when the other end has gone, by itself or because
/// `peer_gone` of `OpenRaw` became true.
class RawEnd {
 public:
  virtual ~RawEnd() = default;
  /// Where to write what is sent next, `bytes` <= `RawShape::bytes`.
  virtual std::span<std::byte> Space(size_t bytes) = 0;
  /// Sends the first `bytes` of the last `Space`.
  virtual void Send(size_t bytes) = 0;
  /// The next payload, of exactly `bytes`; valid until the next call.
  virtual std::span<const std::byte> Receive(size_t bytes) = 0;
};

struct RawConnection {
  std::unique_ptr<RawEnd> ours;
  std::vector<UniqueFd> worker_fds;
};

/// Both ends before the worker is spawned. `peer_gone`, not owned, is looked at where the end of
/// the worker shows no other way. Throws `Error` where the container forbids it.
RawConnection OpenRaw(const RawShape& shape, const std::atomic<bool>* peer_gone = nullptr);
/// The worker's end; `peer_gone` is for one in a thread of this process.
std::unique_ptr<RawEnd> AttachRaw(const RawShape& shape, std::vector<UniqueFd> fds,
                                  const std::atomic<bool>* peer_gone = nullptr);
/// Descriptors of `RawConnection::worker_fds`.
int RawFdCount(RawKind kind);

}  // namespace coresweep
