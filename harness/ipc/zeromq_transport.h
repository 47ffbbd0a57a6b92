// Transport `zeromq`: a pair of ZeroMQ sockets over ipc://, as frameworks use them. What it costs
// beside a plain Unix socket: at each end an I/O thread that every message passes through, so two
// more wake-ups a way, and a reaper thread that sleeps. Dispatcher and workers have them for as
// long as the connection lives; they run on the CPUs of the thread that opened or attached it.
#pragma once

#include "harness/ipc/channel.h"

namespace coresweep {

/// A message is two parts, header and payload; large payloads are copied by the kernel alone. The
/// dispatcher connects to a socket that listens under an unguessable abstract name, before anybody
/// else can; the worker inherits that socket. Throws `Error` where threads, memory or descriptors
/// do not suffice. Closing waits at most a second for what is on its way to a worker that lives;
/// the payloads of chunks that are not answered must be there until then.
Connection OpenZeromq(const ChannelShape& shape);
/// `fds`: the listening socket, and one end of a socket pair that counts chunks taken and answers
/// received and tells either side of the other's end.
std::unique_ptr<WorkerChannel> AttachZeromq(std::vector<UniqueFd> fds, const ChannelShape& shape);

}  // namespace coresweep
