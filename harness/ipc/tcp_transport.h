// Transport `tcp`: a connection over the loopback interface.
#pragma once

#include "harness/ipc/channel.h"

namespace coresweep {

/// Two connected sockets without Nagle's delay; both ends are made here, nothing keeps listening.
/// Throws `Error` where there is no loopback interface. The worker's end: `AttachStream`.
Connection OpenTcp(const ChannelShape& shape);

}  // namespace coresweep
