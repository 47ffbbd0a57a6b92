#include "harness/run/raw_descriptors.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "harness/ipc/futex.h"
#include "harness/ipc/mq_transport.h"
#include "harness/ipc/sockets.h"

namespace coresweep {
namespace {

constexpr size_t kMostPacketBytes = size_t{256} << 10;  // as transport `seqpacket`
constexpr size_t kKernelReserve = 32;                   // of the send buffer; see unix(7)
constexpr size_t kLeastPieceBytes = 128;
constexpr uint32_t kReadsBetweenLooks = 4096;
constexpr int64_t kLongestWaitNs = 100 * kNsPerMs;

[[noreturn]] void ThrowGone() {
  throw Error("the other end of a raw connection has gone");
}

/// What all descriptors share: a payload is moved in as many calls as it takes.
class DescriptorEnd : public RawEnd {
 public:
  /// `slack`: a call may need so much more room than is left to receive.
  DescriptorEnd(const RawShape& shape, size_t slack)
      : spinning_(shape.spinning),
        out_(std::max<size_t>(1, shape.bytes)),
        in_(std::max<size_t>(1, shape.bytes) + slack) {}

  std::span<std::byte> Space(size_t bytes) override { return std::span(out_).first(bytes); }

  void Send(size_t bytes) override {
    const auto all = std::span<const std::byte>(out_).first(std::max<size_t>(1, bytes));
    for (size_t done = 0; done < all.size();)
      done += Moved(Write(all.subspan(done)));
  }

  std::span<const std::byte> Receive(size_t bytes) override {
    const size_t all = std::max<size_t>(1, bytes);
    for (size_t done = 0; done < all;)
      done += Moved(Read(std::span(in_).subspan(done), all - done));
    return std::span<const std::byte>(in_).first(bytes);
  }

 protected:
  /// One system call; its result, with errno. At most `wanted` bytes may come in.
  virtual ssize_t Write(std::span<const std::byte> bytes) = 0;
  virtual ssize_t Read(std::span<std::byte> room, size_t wanted) = 0;
  /// Called now and then while nothing moves.
  virtual void CheckPeer() {}

  [[nodiscard]] bool spinning() const { return spinning_; }

 private:
  size_t Moved(ssize_t result) {
    if (result > 0) return static_cast<size_t>(result);
    if (result == 0 || errno == EPIPE || errno == ECONNRESET) ThrowGone();
    if (errno != EAGAIN && errno != EINTR && errno != ETIMEDOUT) ThrowErrno("raw connection");
    if (spinning_) SpinPause();
    if (!spinning_ || ++turns_ % kReadsBetweenLooks == 0) CheckPeer();
    return 0;
  }

  bool spinning_;
  uint32_t turns_ = 0;
  std::vector<std::byte> out_;
  std::vector<std::byte> in_;
};

class PipeEnd final : public DescriptorEnd {
 public:
  PipeEnd(const RawShape& shape, UniqueFd receive, UniqueFd send)
      : DescriptorEnd(shape, 0), receive_(std::move(receive)), send_(std::move(send)) {
    if (!spinning()) return;
    SetNonBlocking(receive_.get());
    SetNonBlocking(send_.get());
  }

 protected:
  ssize_t Write(std::span<const std::byte> bytes) override {
    return ::write(send_.get(), bytes.data(), bytes.size());
  }
  ssize_t Read(std::span<std::byte> room, size_t wanted) override {
    return ::read(receive_.get(), room.data(), wanted);
  }

 private:
  UniqueFd receive_;
  UniqueFd send_;
};

class SocketEnd final : public DescriptorEnd {
 public:
  SocketEnd(const RawShape& shape, UniqueFd socket)
      : DescriptorEnd(shape, 0),
        socket_(std::move(socket)),
        most_bytes_(
            shape.kind == RawKind::kSeqpacket
                ? std::min(kMostPacketBytes, SendBufferBytes(socket_.get()) - kKernelReserve)
                : SIZE_MAX) {
    if (spinning()) SetNonBlocking(socket_.get());
  }

 protected:
  ssize_t Write(std::span<const std::byte> bytes) override {
    while (true) {
      const auto piece = bytes.first(std::min(bytes.size(), most_bytes_));
      const ssize_t sent = ::send(socket_.get(), piece.data(), piece.size(), MSG_NOSIGNAL);
      const bool too_long = sent < 0 && (errno == EMSGSIZE || errno == ENOBUFS);
      if (!too_long || piece.size() / 2 < kLeastPieceBytes) return sent;
      most_bytes_ = piece.size() / 2;
    }
  }
  ssize_t Read(std::span<std::byte> room, size_t wanted) override {
    return ::recv(socket_.get(), room.data(), wanted, 0);
  }

 private:
  UniqueFd socket_;
  size_t most_bytes_;
};

size_t MessageBytes(int queue) {
  mq_attr attributes{};
  Check(mq_getattr(queue, &attributes), "mq_getattr");
  return static_cast<size_t>(attributes.mq_msgsize);
}

/// Queues know nothing of their other end: each wait is bounded, then `peer_gone` is looked at.
class QueueEnd final : public DescriptorEnd {
 public:
  QueueEnd(const RawShape& shape, UniqueFd receive, UniqueFd send,
           const std::atomic<bool>* peer_gone)
      : DescriptorEnd(shape, MessageBytes(receive.get())),
        receive_(std::move(receive)),
        send_(std::move(send)),
        in_bytes_(MessageBytes(receive_.get())),
        out_bytes_(MessageBytes(send_.get())),
        peer_gone_(peer_gone) {
    if (!spinning()) return;
    SetNonBlocking(receive_.get());
    SetNonBlocking(send_.get());
  }

 protected:
  ssize_t Write(std::span<const std::byte> bytes) override {
    const size_t piece = std::min(bytes.size(), out_bytes_);
    const timespec until = Until();
    const auto* from = reinterpret_cast<const char*>(bytes.data());
    return mq_timedsend(send_.get(), from, piece, 0, &until) == 0 ? static_cast<ssize_t>(piece)
                                                                  : -1;
  }
  ssize_t Read(std::span<std::byte> room, size_t /*wanted*/) override {
    const timespec until = Until();
    auto* to = reinterpret_cast<char*>(room.data());
    return mq_timedreceive(receive_.get(), to, in_bytes_, nullptr, &until);
  }
  void CheckPeer() override {
    if (peer_gone_ != nullptr && peer_gone_->load(std::memory_order_relaxed)) ThrowGone();
  }

 private:
  static timespec Until() {
    const int64_t at_ns = ReadClockNs(CLOCK_REALTIME) + kLongestWaitNs;
    return {at_ns / kNsPerS, at_ns % kNsPerS};
  }

  UniqueFd receive_;
  UniqueFd send_;
  size_t in_bytes_;
  size_t out_bytes_;
  const std::atomic<bool>* peer_gone_;
};

sockaddr_in AddressOf(int fd) {
  sockaddr_in address{};
  socklen_t length = sizeof address;
  Check(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length), "getsockname");
  return address;
}

void SetNoDelay(int fd) {
  const int on = 1;
  Check(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), "setsockopt TCP_NODELAY");
}

/// nullopt with errno where a queue of this size is refused.
std::optional<RawQueue> TryMakeQueue(const MqSize& size) {
  mq_attr attributes{};
  attributes.mq_maxmsg = static_cast<long>(size.messages);
  attributes.mq_msgsize = static_cast<long>(size.message_bytes);
  const std::string name = fmt::format("/coresweep.raw.{}.{}", getpid(), NowNs());
  RawQueue queue;
  queue.receive.Reset(
      mq_open(name.c_str(), O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600, &attributes));
  if (!queue.receive) return std::nullopt;
  queue.send.Reset(mq_open(name.c_str(), O_WRONLY | O_CLOEXEC));
  const int error = errno;
  mq_unlink(name.c_str());
  errno = error;
  if (!queue.send) return std::nullopt;
  return queue;
}

}  // namespace

std::unique_ptr<RawEnd> MakePipeEnd(const RawShape& shape, UniqueFd receive, UniqueFd send) {
  return std::make_unique<PipeEnd>(shape, std::move(receive), std::move(send));
}

std::unique_ptr<RawEnd> MakeSocketEnd(const RawShape& shape, UniqueFd socket) {
  return std::make_unique<SocketEnd>(shape, std::move(socket));
}

std::unique_ptr<RawEnd> MakeQueueEnd(const RawShape& shape, UniqueFd receive, UniqueFd send,
                                     const std::atomic<bool>* peer_gone) {
  return std::make_unique<QueueEnd>(shape, std::move(receive), std::move(send), peer_gone);
}

TcpPair MakeTcpPair() {
  const auto make = [] {
    return UniqueFd(Check(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket", "for tcp"));
  };
  const UniqueFd listener = make();
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  Check(bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), "bind",
        "to 127.0.0.1");
  Check(listen(listener.get(), 1), "listen", "on 127.0.0.1");
  address = AddressOf(listener.get());
  TcpPair pair{make(), {}};
  Check(connect(pair.ours.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), "connect",
        "to 127.0.0.1");
  sockaddr_in peer{};
  socklen_t length = sizeof peer;
  pair.theirs.Reset(
      Check(accept4(listener.get(), reinterpret_cast<sockaddr*>(&peer), &length, SOCK_CLOEXEC),
            "accept", "on 127.0.0.1"));
  if (peer.sin_port != AddressOf(pair.ours.get()).sin_port) {
    throw Error("tcp: a stranger connected to a port of ours; try again");
  }
  SetNoDelay(pair.ours.get());
  SetNoDelay(pair.theirs.get());
  return pair;
}

RawQueue MakeRawQueue(size_t bytes) {
  MqSize size = UsefulMqSize(bytes, 1, ReadMqLimits());
  while (true) {
    if (auto queue = TryMakeQueue(size)) return std::move(*queue);
    const auto smaller = SmallerMqSize(size);
    if (!smaller) ThrowErrno("mq_open");
    size = *smaller;
  }
}

}  // namespace coresweep
