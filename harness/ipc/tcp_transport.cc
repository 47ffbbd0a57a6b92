#include "harness/ipc/tcp_transport.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <string_view>

#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "harness/ipc/sockets.h"
#include "harness/ipc/stream_transports.h"

namespace coresweep {
namespace {

constexpr int64_t kConnectNs = 10 * kNsPerS;

[[noreturn]] void ThrowNoLoopback(std::string_view call) {
  throw Error(
      fmt::format("tcp: {} 127.0.0.1: {}: this container has no loopback interface that is "
                  "up; bring it up (ip link set lo up) or use another transport",
                  call, DescribeErrno(errno)));
}

UniqueFd MakeSocket() {
  return UniqueFd(
      Check(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), "socket", "for tcp"));
}

sockaddr_in AddressOf(int fd) {
  sockaddr_in address{};
  socklen_t length = sizeof address;
  Check(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length), "getsockname");
  return address;
}

bool Same(const sockaddr_in& one, const sockaddr_in& other) {
  return one.sin_port == other.sin_port && one.sin_addr.s_addr == other.sin_addr.s_addr;
}

/// A socket that listens on a free port of the loopback interface.
UniqueFd Listen() {
  UniqueFd listener = MakeSocket();
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    ThrowNoLoopback("bind");
  }
  Check(listen(listener.get(), 1), "listen", "on 127.0.0.1");
  return listener;
}

/// Begins to connect; the kernel finishes by itself.
UniqueFd ConnectTo(const sockaddr_in& address) {
  UniqueFd socket = MakeSocket();
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  if (connect(socket.get(), generic, sizeof address) != 0 && errno != EINPROGRESS) {
    ThrowNoLoopback("connect to");
  }
  return socket;
}

/// The other end of `connecting`, blocking. Anybody on the machine may connect to our port:
/// strangers are turned away.
UniqueFd AcceptFrom(int listener, int connecting) {
  const Deadline deadline = Deadline::After(kConnectNs);
  while (!deadline.Passed()) {
    pollfd watch{listener, POLLIN, 0};
    if (::poll(&watch, 1, deadline.RemainingMs()) < 0 && errno != EINTR) ThrowErrno("poll");
    UniqueFd accepted(accept4(listener, nullptr, nullptr, SOCK_CLOEXEC));
    if (!accepted) {
      if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED) continue;
      ThrowErrno("accept", "on 127.0.0.1");
    }
    sockaddr_in peer{};
    socklen_t length = sizeof peer;
    // A stranger that has gone again has no address any more.
    if (getpeername(accepted.get(), reinterpret_cast<sockaddr*>(&peer), &length) != 0) continue;
    if (Same(peer, AddressOf(connecting))) return accepted;
  }
  throw Error(
      "tcp: no connection over 127.0.0.1 within 10 s: packets between a process and itself "
      "may be filtered here; use another transport");
}

/// Small messages leave at once instead of waiting for the acknowledgement of earlier ones.
void SetNoDelay(int fd) {
  const int on = 1;
  Check(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), "setsockopt TCP_NODELAY");
}

}  // namespace

Connection OpenTcp(const ChannelShape& shape) {
  const UniqueFd listener = Listen();
  UniqueFd ours = ConnectTo(AddressOf(listener.get()));
  UniqueFd theirs = AcceptFrom(listener.get(), ours.get());
  SetNoDelay(ours.get());
  SetNoDelay(theirs.get());
  // What a worker writes waits in its own socket while so many packets are not acknowledged.
  return ConnectStreams(std::move(ours), std::move(theirs), shape, Arrival::kLater);
}

}  // namespace coresweep
