#include "tests/ipc/channel_testing.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>

#include "harness/base/unique_fd.h"

namespace coresweep {
namespace {

std::optional<std::string> NoQueues() {
  constexpr int kDepthForTests = 10;  // the kernel's default
  int depth = 0;
  if (std::ifstream("/proc/sys/fs/mqueue/msg_max") >> depth && depth < kDepthForTests) {
    return fmt::format("/proc/sys/fs/mqueue/msg_max is {}", depth);
  }
  const std::string name = fmt::format("/coresweep.probe.{}", getpid());
  mq_attr attributes{};
  attributes.mq_maxmsg = kDepthForTests;
  attributes.mq_msgsize = 128;
  const UniqueFd queue(mq_open(name.c_str(), O_RDWR | O_CREAT | O_EXCL, 0600, &attributes));
  if (!queue) return "mq_open: " + DescribeErrno(errno);
  mq_unlink(name.c_str());
  return std::nullopt;
}

std::optional<std::string> NoLoopback() {
  const UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket) return "socket: " + DescribeErrno(errno);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(1);  // nobody listens there: refused is as good as accepted
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  if (connect(socket.get(), generic, sizeof address) == 0 || errno == ECONNREFUSED) {
    return std::nullopt;
  }
  return "connect to 127.0.0.1: " + DescribeErrno(errno);
}

}  // namespace

std::optional<std::string> ForbiddenHere(std::string_view transport) {
  if (transport == "mq") return NoQueues();
  if (transport == "tcp") return NoLoopback();
  return std::nullopt;
}

}  // namespace coresweep
