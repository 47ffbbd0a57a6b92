// Transport `shm`: two rings and their slots in one sealed memfd per worker.
#pragma once

#include "harness/ipc/channel.h"

namespace coresweep {

/// Bytes of the arena of one worker: rings, headers and `credit` slots each way.
size_t ShmArenaBytes(const ChannelShape& shape);

/// The worker inherits the arena's memfd and an eventfd for waking the dispatcher.
Connection OpenShm(const ChannelShape& shape);
std::unique_ptr<WorkerChannel> AttachShm(std::vector<UniqueFd> fds, const ChannelShape& shape);

}  // namespace coresweep
