// Transports `pipe` and `unix`: how their byte streams are made.
#pragma once

#include "harness/ipc/channel.h"

namespace coresweep {

/// Two pipes, enlarged towards the largest message as far as an unprivileged process may.
Connection OpenPipes(const ChannelShape& shape);
/// `fds`: the worker's receiving and sending end.
std::unique_ptr<WorkerChannel> AttachPipes(std::vector<UniqueFd> fds, const ChannelShape& shape);

/// A pair of connected Unix stream sockets.
Connection OpenUnix(const ChannelShape& shape);
std::unique_ptr<WorkerChannel> AttachUnix(std::vector<UniqueFd> fds, const ChannelShape& shape);

}  // namespace coresweep
