#include "harness/ipc/control.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "harness/base/error.h"
#include "harness/base/shared_region.h"

namespace coresweep {
namespace {

constexpr size_t kMostFds = 9;  // eight of the caller, one for a text in memory
constexpr size_t kMostInlineBytes = size_t{64} << 10;
/// Stands for a text that is in a memfd, the last descriptor sent. No JSON begins so.
constexpr std::string_view kInMemory = "\x01";
constexpr size_t kAncillaryBytes = CMSG_SPACE(kMostFds * sizeof(int));

void AttachFds(msghdr& message, std::span<std::byte> space, const std::vector<int>& fds) {
  if (fds.empty()) return;
  message.msg_control = space.data();
  message.msg_controllen = CMSG_SPACE(fds.size() * sizeof(int));
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(fds.size() * sizeof(int));
  std::memcpy(CMSG_DATA(header), fds.data(), fds.size() * sizeof(int));
}

std::vector<UniqueFd> TakeFds(msghdr& message) {
  std::vector<UniqueFd> fds;
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
       header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    const size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof fd);
      fds.emplace_back(fd);
    }
  }
  return fds;
}

void TakeFromMemory(ControlMessage& message) {
  const SharedRegion memory =
      SharedRegion::Attach(std::move(message.fds.back()), 1, SharedRegion::Access::kReadOnly);
  message.fds.pop_back();
  message.text.assign(reinterpret_cast<const char*>(memory.data()), memory.size());
}

}  // namespace

std::pair<ControlEnd, ControlEnd> ControlEnd::MakePair() {
  std::array<int, 2> fds{};
  Check(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds.data()), "socketpair");
  return {ControlEnd(UniqueFd(fds[0])), ControlEnd(UniqueFd(fds[1]))};
}

void ControlEnd::Send(const std::string& text, const std::vector<int>& fds) const {
  if (text.size() > kMostBytes || fds.size() >= kMostFds) {
    throw Error(fmt::format("control message of {} bytes is too large", text.size()));
  }
  if (text.size() <= kMostInlineBytes) return SendInline(text, fds);
  const SharedRegion memory = SharedRegion::Create("coresweep.message", text.size());
  std::memcpy(memory.data(), text.data(), text.size());
  std::vector<int> with_memory = fds;
  with_memory.push_back(memory.fd());
  SendInline(kInMemory, with_memory);
}

void ControlEnd::SendInline(std::string_view text, const std::vector<int>& fds) const {
  iovec part{const_cast<char*>(text.data()), text.size()};
  alignas(cmsghdr) std::array<std::byte, kAncillaryBytes> space{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  AttachFds(message, space, fds);
  while (sendmsg(fd_.get(), &message, MSG_NOSIGNAL) < 0) {
    if (errno != EINTR) ThrowErrno("sendmsg", "on the control connection");
  }
}

std::optional<ControlMessage> ControlEnd::Receive(Deadline deadline) const {
  pollfd watch{fd_.get(), POLLIN, 0};
  while (true) {
    const int ready = ::poll(&watch, 1, deadline.RemainingMs());
    if (ready > 0) break;
    if (ready == 0 && deadline.Passed()) return std::nullopt;
    if (ready < 0 && errno != EINTR) ThrowErrno("poll");
  }
  ControlMessage received;
  received.text.resize(kMostInlineBytes);
  iovec part{received.text.data(), received.text.size()};
  alignas(cmsghdr) std::array<std::byte, kAncillaryBytes> space{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = space.data();
  message.msg_controllen = space.size();
  ssize_t got = 0;
  while ((got = recvmsg(fd_.get(), &message, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR) {
  }
  if (got == 0 || (got < 0 && errno == ECONNRESET)) {
    throw Error("the other end closed the control connection");
  }
  Check(got, "recvmsg", "on the control connection");
  received.text.resize(static_cast<size_t>(got));
  received.fds = TakeFds(message);
  if (received.text == kInMemory && !received.fds.empty()) TakeFromMemory(received);
  return received;
}

}  // namespace coresweep
