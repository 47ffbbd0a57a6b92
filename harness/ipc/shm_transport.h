// Chunks through a shared arena. `shm` copies the items into it, once; `shm_loan` copies nothing:
// the items lie in memory that the dispatcher lends, or are produced in the arena, and the answers
// stay where the worker computed them until the dispatcher has done with them.
#pragma once

#include "harness/ipc/channel.h"

namespace coresweep {

/// Size of the memory behind one connection.
size_t ShmArenaBytes(const ChannelShape& shape);
size_t ShmLoanArenaBytes(const ChannelShape& shape);

Connection OpenShm(const ChannelShape& shape);
std::unique_ptr<WorkerChannel> AttachShm(std::vector<UniqueFd> fds, const ChannelShape& shape);

/// With `ChannelShape::lent`, every payload must lie in that memory. Without, use `Loan`; a payload
/// from elsewhere is copied, as over `shm`.
Connection OpenShmLoan(const ChannelShape& shape);
std::unique_ptr<WorkerChannel> AttachShmLoan(std::vector<UniqueFd> fds, const ChannelShape& shape);

}  // namespace coresweep
