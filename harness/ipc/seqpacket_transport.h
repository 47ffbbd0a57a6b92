// Transport `seqpacket`: a Unix socket pair that keeps packets whole.
#pragma once

#include "harness/ipc/channel.h"

namespace coresweep {

/// Longest packet sent. Longer ones cost fewer calls but need more contiguous kernel memory; where
/// that is refused they become shorter.
inline constexpr size_t kMostSeqpacketBytes = size_t{256} << 10;

/// A connected pair; messages are split into packets of at most `most_packet_bytes` (at least 128)
/// and what the send buffer takes.
Connection OpenSeqpacket(const ChannelShape& shape, size_t most_packet_bytes);
std::unique_ptr<WorkerChannel> AttachSeqpacket(std::vector<UniqueFd> fds, const ChannelShape& shape,
                                               size_t most_packet_bytes);

inline Connection OpenSeqpacket(const ChannelShape& shape) {
  return OpenSeqpacket(shape, kMostSeqpacketBytes);
}
inline std::unique_ptr<WorkerChannel> AttachSeqpacket(std::vector<UniqueFd> fds,
                                                      const ChannelShape& shape) {
  return AttachSeqpacket(std::move(fds), shape, kMostSeqpacketBytes);
}

}  // namespace coresweep
