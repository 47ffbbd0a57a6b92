// Transports `pipe` and `unix`, and what every transport over a stream socket shares.
#pragma once

#include "harness/ipc/channel.h"
#include "harness/ipc/stream_channel.h"

namespace coresweep {

/// Two pipes, enlarged towards the largest message as far as an unprivileged process may.
Connection OpenPipes(const ChannelShape& shape);
/// `fds`: the worker's receiving and sending end.
std::unique_ptr<WorkerChannel> AttachPipes(std::vector<UniqueFd> fds, const ChannelShape& shape);

/// A pair of connected Unix stream sockets.
Connection OpenUnix(const ChannelShape& shape);

/// A connection over two connected stream sockets, of whatever family; `ours` is made non-blocking.
Connection ConnectStreams(UniqueFd ours, UniqueFd theirs, const ChannelShape& shape,
                          Arrival arrival);
/// `fds`: the worker's socket.
std::unique_ptr<WorkerChannel> AttachStream(std::vector<UniqueFd> fds, const ChannelShape& shape);

}  // namespace coresweep
