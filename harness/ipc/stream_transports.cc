#include "harness/ipc/stream_transports.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>

#include "harness/base/error.h"
#include "harness/ipc/stream_channel.h"

namespace coresweep {
namespace {

constexpr size_t kLargestPipe = size_t{1} << 20;  // default of /proc/sys/fs/pipe-max-size

struct PipeEnds {
  UniqueFd read;
  UniqueFd write;
};

PipeEnds MakePipe(size_t message_bytes) {
  std::array<int, 2> fds{};
  Check(pipe2(fds.data(), O_CLOEXEC), "pipe2");
  PipeEnds ends{UniqueFd(fds[0]), UniqueFd(fds[1])};
  // A larger buffer lets the next chunk travel while one is computed. A refusal (quota of pipe
  // pages) costs speed only.
  const size_t wanted = std::min(kLargestPipe, 2 * (message_bytes + sizeof(ChunkHeader)));
  if (wanted > 65536) fcntl(ends.write.get(), F_SETPIPE_SZ, static_cast<int>(wanted));
  return ends;
}

void SetNonBlocking(int fd) {
  Check(fcntl(fd, F_SETFL, Check(fcntl(fd, F_GETFL), "fcntl F_GETFL") | O_NONBLOCK),
        "fcntl F_SETFL");
}

UniqueFd Duplicate(int fd) {
  return UniqueFd(Check(fcntl(fd, F_DUPFD_CLOEXEC, 3), "dup"));
}

/// The kernel caps this at net.core.wmem_max without an error; a small buffer costs speed only.
void EnlargeSendBuffer(int fd, size_t message_bytes) {
  const auto bytes = static_cast<int>(std::min(kLargestPipe, 2 * message_bytes + 4096));
  setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
}

}  // namespace

Connection OpenPipes(const ChannelShape& shape) {
  PipeEnds requests = MakePipe(shape.request_bytes);
  PipeEnds answers = MakePipe(shape.answer_bytes);
  SetNonBlocking(requests.write.get());
  SetNonBlocking(answers.read.get());
  Connection connection;
  connection.dispatcher = std::make_unique<StreamDispatcherChannel>(
      std::move(answers.read), std::move(requests.write), shape);
  connection.worker_fds.push_back(std::move(requests.read));
  connection.worker_fds.push_back(std::move(answers.write));
  return connection;
}

std::unique_ptr<WorkerChannel> AttachPipes(std::vector<UniqueFd> fds, const ChannelShape& shape) {
  return std::make_unique<StreamWorkerChannel>(std::move(fds.at(0)), std::move(fds.at(1)), shape);
}

Connection OpenUnix(const ChannelShape& shape) {
  std::array<int, 2> fds{};
  Check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds.data()), "socketpair");
  UniqueFd ours(fds[0]);
  UniqueFd theirs(fds[1]);
  EnlargeSendBuffer(ours.get(), shape.request_bytes);
  EnlargeSendBuffer(theirs.get(), shape.answer_bytes);
  SetNonBlocking(ours.get());  // each end has its own file status flags
  UniqueFd sending = Duplicate(ours.get());
  Connection connection;
  connection.dispatcher =
      std::make_unique<StreamDispatcherChannel>(std::move(ours), std::move(sending), shape);
  connection.worker_fds.push_back(std::move(theirs));
  return connection;
}

std::unique_ptr<WorkerChannel> AttachUnix(std::vector<UniqueFd> fds, const ChannelShape& shape) {
  UniqueFd sending = Duplicate(fds.at(0).get());
  return std::make_unique<StreamWorkerChannel>(std::move(fds.at(0)), std::move(sending), shape);
}

}  // namespace coresweep
