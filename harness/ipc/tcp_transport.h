// Transport `tcp`: a connection over the loopback interface.
#pragma once

#include "harness/ipc/channel.h"

namespace coresweep {

/// Two connected sockets without Nagle's delay; both ends are made here, nothing keeps listening.
/// Throws `Error` where there is no loopback interface.
Connection OpenTcp(const ChannelShape& shape);
std::unique_ptr<WorkerChannel> AttachTcp(std::vector<UniqueFd> fds, const ChannelShape& shape);

}  // namespace coresweep
