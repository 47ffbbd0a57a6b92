// Transport `mq`: two POSIX message queues.
#pragma once

#include "harness/ipc/channel.h"

namespace coresweep {

/// What queues may be in this container.
struct MqLimits {
  size_t message_bytes = 8192;  ///< /proc/sys/fs/mqueue/msgsize_max
  size_t messages = 10;         ///< /proc/sys/fs/mqueue/msg_max
  size_t user_bytes = 819'200;  ///< RLIMIT_MSGQUEUE: all queues of the user together
};

/// The limits in force; the kernel's defaults where they cannot be read.
MqLimits ReadMqLimits();

/// Size of one queue.
struct MqSize {
  size_t message_bytes = 0;
  size_t messages = 0;
  friend bool operator==(const MqSize&, const MqSize&) = default;
};

/// The queue worth asking for: one packet a message where the limits allow it, room for the whole
/// credit and the stop message, and at most a sixteenth of `user_bytes`, so that the queues of
/// eight workers are alike.
MqSize UsefulMqSize(size_t payload_bytes, int credit, const MqLimits& limits);

/// What to ask for when `size` was refused: shorter messages, then fewer. nullopt: there is nothing
/// smaller.
std::optional<MqSize> SmallerMqSize(const MqSize& size);

/// Two queues that have no name any more, and a pipe that tells the worker of the dispatcher's end.
/// Throws `Error` naming the limit where no queue can be made.
Connection OpenMq(const ChannelShape& shape, const MqLimits& limits);
inline Connection OpenMq(const ChannelShape& shape) {
  return OpenMq(shape, ReadMqLimits());
}
/// `fds`: the queue of chunks, that of answers, the reading end of the pipe.
std::unique_ptr<WorkerChannel> AttachMq(std::vector<UniqueFd> fds, const ChannelShape& shape);

}  // namespace coresweep
