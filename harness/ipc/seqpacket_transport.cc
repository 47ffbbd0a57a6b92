#include "harness/ipc/seqpacket_transport.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "harness/base/error.h"
#include "harness/ipc/packet_channel.h"
#include "harness/ipc/sockets.h"

namespace coresweep {
namespace {

constexpr size_t kLeastPacketBytes = 2 * sizeof(ChunkHeader);
constexpr size_t kKernelReserve = 32;  // of the send buffer; see unix(7), SO_SNDBUF

/// Not const in msghdr, though sendmsg only reads.
iovec Part(std::span<const std::byte> bytes) {
  return {const_cast<std::byte*>(bytes.data()), bytes.size()};
}

class SeqpacketEnd final : public PacketEnd {
 public:
  SeqpacketEnd(UniqueFd fd, size_t most_bytes)
      : fd_(std::move(fd)),
        most_bytes_(std::max(kLeastPacketBytes,
                             std::min(most_bytes, SendBufferBytes(fd_.get()) - kKernelReserve))) {}

  Result Send(std::span<const std::byte> head, std::span<const std::byte> body) override {
    while (true) {
      const auto piece = body.first(std::min(body.size(), most_bytes_ - head.size()));
      std::array<iovec, 2> parts{Part(head), Part(piece)};
      msghdr message{};
      message.msg_iov = parts.data();
      message.msg_iovlen = parts.size();
      const ssize_t sent = sendmsg(fd_.get(), &message, MSG_NOSIGNAL);
      if (sent >= 0) return {State::kMoved, static_cast<size_t>(sent)};
      if (errno == EAGAIN) return {State::kLater};
      if (errno == EPIPE || errno == ECONNRESET) return {State::kGone};
      if (errno != EINTR) HalveOrThrow(head.size() + piece.size());
    }
  }

  Result Receive(std::span<std::byte> head, std::span<std::byte> body, Look look) override {
    std::array<iovec, 2> parts{Part(head), Part(body)};
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    const int flags = look == Look::kOnce ? MSG_DONTWAIT : 0;
    ssize_t got = 0;
    // A peer that went before it had read everything is told of once, before what it sent.
    while ((got = recvmsg(fd_.get(), &message, flags)) < 0 &&
           (errno == EINTR || errno == ECONNRESET)) {
    }
    if (got < 0 && errno == EAGAIN) return {State::kLater};
    if (got == 0) return {State::kGone};
    Check(got, "recvmsg", "on a seqpacket connection");
    if ((message.msg_flags & MSG_TRUNC) != 0) {
      throw Error(fmt::format("malformed message: a packet of more than the {} bytes that are due",
                              head.size() + body.size()));
    }
    return {State::kMoved, static_cast<size_t>(got)};
  }

  int receive_fd() const override { return fd_.get(); }
  int send_fd() const override { return fd_.get(); }

 private:
  /// After a refusal of a packet of `bytes`, with errno set.
  void HalveOrThrow(size_t bytes) {
    if ((errno != EMSGSIZE && errno != ENOBUFS) || bytes / 2 < kLeastPacketBytes) {
      ThrowErrno("sendmsg", fmt::format("of a packet of {} bytes", bytes));
    }
    most_bytes_ = bytes / 2;
  }

  UniqueFd fd_;
  size_t most_bytes_;
};

/// Never asks for less than there is: each packet, however short, takes near a kilobyte of it.
void EnlargeSendBuffer(int fd, size_t message_bytes) {
  const size_t wanted = std::min(4 * message_bytes, 2 * kMostBufferBytes);
  if (wanted > SendBufferBytes(fd)) FitSendBuffer(fd, message_bytes);
}

}  // namespace

Connection OpenSeqpacket(const ChannelShape& shape, size_t most_packet_bytes) {
  std::array<int, 2> fds{};
  Check(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds.data()), "socketpair");
  UniqueFd ours(fds[0]);
  UniqueFd theirs(fds[1]);
  EnlargeSendBuffer(ours.get(), shape.request_bytes);
  EnlargeSendBuffer(theirs.get(), shape.answer_bytes);
  SetNonBlocking(ours.get());  // each end has its own file status flags
  Connection connection;
  connection.dispatcher = std::make_unique<PacketDispatcherChannel>(
      std::make_unique<SeqpacketEnd>(std::move(ours), most_packet_bytes), shape);
  connection.worker_fds.push_back(std::move(theirs));
  return connection;
}

std::unique_ptr<WorkerChannel> AttachSeqpacket(std::vector<UniqueFd> fds, const ChannelShape& shape,
                                               size_t most_packet_bytes) {
  return std::make_unique<PacketWorkerChannel>(
      std::make_unique<SeqpacketEnd>(std::move(fds.at(0)), most_packet_bytes), shape);
}

}  // namespace coresweep
