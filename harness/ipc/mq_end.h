// How one packet moves through POSIX message queues. Used by transport `mq` alone.
#pragma once

#include <memory>

#include "harness/ipc/packet_channel.h"

namespace coresweep {

/// The dispatcher's end over non-blocking queues. Queues know nothing of their other end: `alive`,
/// the writing end of a pipe, is closed with it, and an empty packet wakes a worker that waits.
std::unique_ptr<PacketEnd> MakeMqDispatcherEnd(UniqueFd receive, UniqueFd send, UniqueFd alive);

/// The worker's end over blocking queues. Looks ten times a second whether `alive`, the reading end
/// of the pipe, says that the dispatcher has gone.
std::unique_ptr<PacketEnd> MakeMqWorkerEnd(UniqueFd receive, UniqueFd send, UniqueFd alive);

}  // namespace coresweep
