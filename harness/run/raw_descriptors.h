// The raw connections over descriptors: pipes, sockets, message queues.
#pragma once

#include "harness/run/raw_link.h"

namespace coresweep {

std::unique_ptr<RawEnd> MakePipeEnd(const RawShape& shape, UniqueFd receive, UniqueFd send);
/// Stream or seqpacket.
std::unique_ptr<RawEnd> MakeSocketEnd(const RawShape& shape, UniqueFd socket);
std::unique_ptr<RawEnd> MakeQueueEnd(const RawShape& shape, UniqueFd receive, UniqueFd send,
                                     const std::atomic<bool>* peer_gone);

/// A connection over 127.0.0.1 without Nagle's delay.
struct TcpPair {
  UniqueFd ours;
  UniqueFd theirs;
};
TcpPair MakeTcpPair();

/// A message queue that has no name any more, sized as transport `mq` would for one chunk.
struct RawQueue {
  UniqueFd receive;
  UniqueFd send;
};
RawQueue MakeRawQueue(size_t bytes);

}  // namespace coresweep
