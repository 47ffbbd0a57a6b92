#include "harness/ipc/stream_transports.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>

#include "harness/base/error.h"
#include "harness/ipc/sockets.h"

namespace coresweep {
namespace {

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
  const size_t wanted = std::min(kMostBufferBytes, 2 * (message_bytes + sizeof(ChunkHeader)));
  if (wanted > 65536) fcntl(ends.write.get(), F_SETPIPE_SZ, static_cast<int>(wanted));
  return ends;
}

}  // namespace

Connection OpenPipes(const ChannelShape& shape) {
  PipeEnds requests = MakePipe(shape.request_bytes);
  PipeEnds answers = MakePipe(shape.answer_bytes);
  SetNonBlocking(requests.write.get());
  SetNonBlocking(answers.read.get());
  Connection connection;
  connection.dispatcher = std::make_unique<StreamDispatcherChannel>(
      std::move(answers.read), std::move(requests.write), shape, Arrival::kAtOnce);
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
  FitSendBuffer(ours.get(), shape.request_bytes);
  FitSendBuffer(theirs.get(), shape.answer_bytes);
  return ConnectStreams(std::move(ours), std::move(theirs), shape, Arrival::kAtOnce);
}

Connection ConnectStreams(UniqueFd ours, UniqueFd theirs, const ChannelShape& shape,
                          Arrival arrival) {
  SetNonBlocking(ours.get());  // each end has its own file status flags
  UniqueFd sending = Duplicate(ours.get());
  Connection connection;
  connection.dispatcher = std::make_unique<StreamDispatcherChannel>(
      std::move(ours), std::move(sending), shape, arrival);
  connection.worker_fds.push_back(std::move(theirs));
  return connection;
}

std::unique_ptr<WorkerChannel> AttachStream(std::vector<UniqueFd> fds, const ChannelShape& shape) {
  UniqueFd sending = Duplicate(fds.at(0).get());
  return std::make_unique<StreamWorkerChannel>(std::move(fds.at(0)), std::move(sending), shape);
}

}  // namespace coresweep
