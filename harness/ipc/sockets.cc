#include "harness/ipc/sockets.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>

#include "harness/base/error.h"

namespace coresweep {

void SetNonBlocking(int fd) {
  Check(fcntl(fd, F_SETFL, Check(fcntl(fd, F_GETFL), "fcntl F_GETFL") | O_NONBLOCK),
        "fcntl F_SETFL");
}

UniqueFd Duplicate(int fd) {
  return UniqueFd(Check(fcntl(fd, F_DUPFD_CLOEXEC, 3), "dup"));
}

size_t SendBufferBytes(int fd) {
  int bytes = 0;
  socklen_t length = sizeof bytes;
  Check(getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, &length), "getsockopt SO_SNDBUF");
  return static_cast<size_t>(bytes);
}

void FitSendBuffer(int fd, size_t message_bytes) {
  const auto bytes = static_cast<int>(std::min(kMostBufferBytes, 2 * message_bytes + 4096));
  setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
}

}  // namespace coresweep
