#include "harness/run/raw_link.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <array>

#include "harness/base/error.h"
#include "harness/ipc/sockets.h"
#include "harness/run/raw_descriptors.h"
#include "harness/run/raw_line.h"

namespace coresweep {
namespace {

constexpr size_t kCacheLineBytes = 64;

struct FdPair {
  UniqueFd first;
  UniqueFd second;
};

FdPair MakePipe(size_t bytes) {
  std::array<int, 2> fds{};
  Check(pipe2(fds.data(), O_CLOEXEC), "pipe2");
  FdPair ends{UniqueFd(fds[0]), UniqueFd(fds[1])};
  // As transport `pipe` does; a refusal costs speed only.
  if (2 * bytes > 65536) {
    fcntl(ends.second.get(), F_SETPIPE_SZ, static_cast<int>(std::min(kMostBufferBytes, 2 * bytes)));
  }
  return ends;
}

FdPair MakeSocketPair(int type, size_t bytes) {
  std::array<int, 2> fds{};
  Check(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, fds.data()), "socketpair");
  for (const int fd : fds) {
    if (bytes > SendBufferBytes(fd)) FitSendBuffer(fd, bytes);
  }
  return {UniqueFd(fds[0]), UniqueFd(fds[1])};
}

RawConnection ConnectSockets(const RawShape& shape, FdPair ends) {
  RawConnection connection;
  connection.ours = MakeSocketEnd(shape, std::move(ends.first));
  connection.worker_fds.push_back(std::move(ends.second));
  return connection;
}

RawConnection ConnectPipes(const RawShape& shape) {
  FdPair there = MakePipe(shape.bytes);
  FdPair back = MakePipe(shape.bytes);
  RawConnection connection;
  connection.ours = MakePipeEnd(shape, std::move(back.first), std::move(there.second));
  connection.worker_fds.push_back(std::move(there.first));
  connection.worker_fds.push_back(std::move(back.second));
  return connection;
}

RawConnection ConnectTcp(const RawShape& shape) {
  TcpPair pair = MakeTcpPair();
  return ConnectSockets(shape, {std::move(pair.ours), std::move(pair.theirs)});
}

RawConnection ConnectQueues(const RawShape& shape, const std::atomic<bool>* peer_gone) {
  RawQueue there = MakeRawQueue(shape.bytes);
  RawQueue back = MakeRawQueue(shape.bytes);
  RawConnection connection;
  connection.ours = MakeQueueEnd(shape, std::move(back.receive), std::move(there.send), peer_gone);
  connection.worker_fds.push_back(std::move(there.receive));
  connection.worker_fds.push_back(std::move(back.send));
  return connection;
}

}  // namespace

std::string_view ToString(RawKind kind) {
  switch (kind) {
    case RawKind::kPipe:
      return "pipe";
    case RawKind::kUnix:
      return "unix";
    case RawKind::kSeqpacket:
      return "seqpacket";
    case RawKind::kTcp:
      return "tcp";
    case RawKind::kMq:
      return "mq";
    case RawKind::kLineCopied:
    case RawKind::kLineInPlace:
      return "line";
  }
  return "";
}

bool CarriesPayload(const RawShape& shape) {
  const bool line = shape.kind == RawKind::kLineCopied || shape.kind == RawKind::kLineInPlace;
  return !line || shape.bytes > kCacheLineBytes;
}

RawConnection OpenRaw(const RawShape& shape, const std::atomic<bool>* peer_gone) {
  switch (shape.kind) {
    case RawKind::kPipe:
      return ConnectPipes(shape);
    case RawKind::kUnix:
      return ConnectSockets(shape, MakeSocketPair(SOCK_STREAM, shape.bytes));
    case RawKind::kSeqpacket:
      return ConnectSockets(shape, MakeSocketPair(SOCK_SEQPACKET, shape.bytes));
    case RawKind::kTcp:
      return ConnectTcp(shape);
    case RawKind::kMq:
      return ConnectQueues(shape, peer_gone);
    case RawKind::kLineCopied:
    case RawKind::kLineInPlace:
      return OpenRawLine(shape, peer_gone);
  }
  throw Error("no such raw connection");
}

std::unique_ptr<RawEnd> AttachRaw(const RawShape& shape, std::vector<UniqueFd> fds,
                                  const std::atomic<bool>* peer_gone) {
  switch (shape.kind) {
    case RawKind::kPipe:
      return MakePipeEnd(shape, std::move(fds.at(0)), std::move(fds.at(1)));
    case RawKind::kUnix:
    case RawKind::kSeqpacket:
    case RawKind::kTcp:
      return MakeSocketEnd(shape, std::move(fds.at(0)));
    case RawKind::kMq:
      return MakeQueueEnd(shape, std::move(fds.at(0)), std::move(fds.at(1)), peer_gone);
    case RawKind::kLineCopied:
    case RawKind::kLineInPlace:
      return AttachRawLine(shape, std::move(fds.at(0)), peer_gone);
  }
  throw Error("no such raw connection");
}

int RawFdCount(RawKind kind) {
  return kind == RawKind::kPipe || kind == RawKind::kMq ? 2 : 1;
}

}  // namespace coresweep
