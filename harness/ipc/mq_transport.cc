#include "harness/ipc/mq_transport.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <mqueue.h>

#include <array>
#include <cerrno>
#include <random>
#include <string>

#include "harness/base/error.h"
#include "harness/ipc/mq_end.h"
#include "harness/ipc/packet_channel.h"

namespace coresweep {
namespace {

[[noreturn]] void ThrowNoQueue(const MqLimits& limits) {
  const std::string cause = DescribeErrno(errno);
  std::string why = "another transport may do";
  if (errno == EMFILE) {
    why = fmt::format(
        "the queues of this user may take {} bytes together (RLIMIT_MSGQUEUE); raise it (ulimit "
        "-q, docker run --ulimit msgqueue=…) or use fewer workers or another transport",
        limits.user_bytes);
  } else if (errno == ENOSPC) {
    why =
        "there are as many queues as /proc/sys/fs/mqueue/queues_max allows; raise it, or remove "
        "forgotten ones from a mounted mqueue file system";
  } else if (errno == ENOSYS) {
    why = "this kernel has no POSIX message queues; use another transport";
  } else if (errno == EACCES || errno == EPERM) {
    why = "the container forbids message queues; allow them or use another transport";
  }
  throw Error(fmt::format("mq_open: {}: {}", cause, why));
}

/// Both ends of one queue, which has no name any more.
struct QueueEnds {
  UniqueFd receive;
  UniqueFd send;
};

/// A queue of exactly `size` under a name that only lives within this function; nullopt with errno
/// set when it is refused. `flags` are added to the sending and the receiving end's.
std::optional<QueueEnds> TryMakeQueue(const MqSize& size, int receive_flags, int send_flags) {
  mq_attr attributes{};
  attributes.mq_maxmsg = static_cast<long>(size.messages);
  attributes.mq_msgsize = static_cast<long>(size.message_bytes);
  std::random_device random;
  std::string name;
  QueueEnds ends;
  do {
    name = fmt::format("/coresweep.{:08x}{:08x}", random(), random());
    ends.receive.Reset(mq_open(
        name.c_str(), O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC | receive_flags, 0600, &attributes));
  } while (!ends.receive && errno == EEXIST);
  if (!ends.receive) return std::nullopt;
  ends.send.Reset(mq_open(name.c_str(), O_WRONLY | O_CLOEXEC | send_flags));
  const int error_number = errno;
  mq_unlink(name.c_str());
  errno = error_number;
  if (!ends.send) return std::nullopt;
  return ends;
}

QueueEnds MakeQueue(MqSize size, const MqLimits& limits, int receive_flags, int send_flags) {
  while (true) {
    if (auto ends = TryMakeQueue(size, receive_flags, send_flags)) return std::move(*ends);
    // These may be due to the size; the limits as read need not be those in force.
    if (errno != EMFILE && errno != EINVAL && errno != ENOMEM) ThrowNoQueue(limits);
    const auto smaller = SmallerMqSize(size);
    if (!smaller) ThrowNoQueue(limits);
    size = *smaller;
  }
}

}  // namespace

Connection OpenMq(const ChannelShape& shape, const MqLimits& limits) {
  QueueEnds requests =
      MakeQueue(UsefulMqSize(shape.request_bytes, shape.credit, limits), limits, 0, O_NONBLOCK);
  QueueEnds answers =
      MakeQueue(UsefulMqSize(shape.answer_bytes, shape.credit, limits), limits, O_NONBLOCK, 0);
  std::array<int, 2> alive{};
  Check(pipe2(alive.data(), O_CLOEXEC), "pipe2");
  UniqueFd watched(alive[0]);
  UniqueFd held(alive[1]);
  Connection connection;
  connection.dispatcher = std::make_unique<PacketDispatcherChannel>(
      MakeMqDispatcherEnd(std::move(answers.receive), std::move(requests.send), std::move(held)),
      shape);
  connection.worker_fds.push_back(std::move(requests.receive));
  connection.worker_fds.push_back(std::move(answers.send));
  connection.worker_fds.push_back(std::move(watched));
  return connection;
}

std::unique_ptr<WorkerChannel> AttachMq(std::vector<UniqueFd> fds, const ChannelShape& shape) {
  return std::make_unique<PacketWorkerChannel>(
      MakeMqWorkerEnd(std::move(fds.at(0)), std::move(fds.at(1)), std::move(fds.at(2))), shape);
}

}  // namespace coresweep
