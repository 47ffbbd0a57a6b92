#include "harness/ipc/zeromq_transport.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string>

#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "harness/ipc/futex.h"
#include "harness/ipc/zeromq_socket.h"

namespace coresweep {
namespace {

using Wait = ZmqSocket::Wait;

constexpr int kLongestLingerMs = 1000;
/// Of a payload: numbers of eight bytes.
constexpr size_t kAlignment = 8;
/// By how much a part may be too long and still come, to be refused by name.
constexpr size_t kTolerance = 4096;

size_t MostPartBytes(size_t payload_bytes) {
  return std::max(payload_bytes, sizeof(ChunkHeader)) + kTolerance;
}

// ZeroMQ tells neither how much the peer has taken nor that it has gone. A socket pair beside it
// does: it carries counts, and is closed with its owner.

/// False when it cannot go now or nobody is there.
bool Tell(int fd, uint64_t count) {
  return send(fd, &count, sizeof count, MSG_NOSIGNAL | MSG_DONTWAIT) == sizeof count;
}

/// The next count if one is there.
std::optional<uint64_t> Hear(int fd) {
  uint64_t count = 0;
  if (recv(fd, &count, sizeof count, MSG_DONTWAIT | MSG_TRUNC) != sizeof count) return std::nullopt;
  return count;
}

bool PeerHasGone(int fd) {
  pollfd watch{fd, 0, 0};
  return ::poll(&watch, 1, 0) > 0;
}

/// The header in the first part of a message.
ChunkHeader TakeHeader(ZmqPart& part, const ChannelShape& shape, size_t most_bytes) {
  const auto bytes = part.bytes();
  ChunkHeader header;
  if (bytes.size() != sizeof header || !part.more()) {
    throw Error(fmt::format("malformed message: a first part of {} bytes, {} another", bytes.size(),
                            part.more() ? "before" : "without"));
  }
  std::memcpy(&header, bytes.data(), sizeof header);
  CheckHeader(header, shape, most_bytes);
  return header;
}

/// The payload in the last part of a message. Copied only where libzmq left it at an odd address,
/// as it does with short ones.
std::span<std::byte> TakePayload(ZmqPart& part, size_t due_bytes, std::vector<std::byte>& copy) {
  const auto bytes = part.bytes();
  if (bytes.size() != due_bytes || part.more()) {
    throw Error(fmt::format("malformed message: {} bytes came for a payload of {}{}", bytes.size(),
                            due_bytes, part.more() ? ", and another part" : ""));
  }
  if (reinterpret_cast<uintptr_t>(bytes.data()) % kAlignment == 0) return bytes;
  copy.assign(bytes.begin(), bytes.end());
  return copy;
}

class ZeromqDispatcherChannel final : public DispatcherChannel {
 public:
  ZeromqDispatcherChannel(UniqueFd beside, const std::string& endpoint, const ChannelShape& shape)
      : shape_(shape),
        most_room_(static_cast<uint64_t>(shape.credit) + 1),  // one for the stop message
        room_(most_room_),
        beside_(std::move(beside)),
        socket_({0, shape.credit + 2, MostPartBytes(shape.answer_bytes)}) {
    socket_.Connect(endpoint);
  }
  ZeromqDispatcherChannel(const ZeromqDispatcherChannel&) = delete;
  ZeromqDispatcherChannel& operator=(const ZeromqDispatcherChannel&) = delete;
  ~ZeromqDispatcherChannel() override {
    ZmqPart end;  // wakes a worker that waits; `beside_` tells one that it does not reach
    (void)socket_.Send(end, false, Wait::kNot);
    socket_.LingerFor(PeerHasGone(beside_.get()) ? 0 : kLongestLingerMs);
  }

  bool TrySend(const ChunkHeader& header, std::span<const std::byte> payload) override {
    if (room_ == 0) HearTaken();
    if (room_ == 0) return false;
    ZmqPart head(sizeof header);
    std::memcpy(head.bytes().data(), &header, sizeof header);
    ZmqPart body = ZmqPart::Referring(payload);
    if (!socket_.Send(head, true, Wait::kNot) || !socket_.Send(body, false, Wait::kNot)) {
      return false;  // there is room, so the worker has gone; its pidfd tells why
    }
    --room_;
    if (header.kind == MessageKind::kStop) {
      stop_sent_ = true;
      told_ = Tell(beside_.get(), answers_) ? answers_ : kUntold;
    }
    return true;
  }

  std::optional<Incoming> TryReceive() override {
    if (broken_) throw Error("malformed message: what follows it cannot be read");
    if (!socket_.Receive(part_, Wait::kNot)) {
      TellReceived();
      return std::nullopt;
    }
    broken_ = true;  // unless this ends without an error
    const ChunkHeader header = TakeHeader(part_, shape_, shape_.answer_bytes);
    (void)socket_.Receive(part_, Wait::kNot);
    const auto payload = TakePayload(part_, header.payload_bytes, copy_);
    broken_ = false;
    ++answers_;
    return Incoming{header, payload};
  }

  int receive_fd() const override { return socket_.fd(); }
  bool PrepareToSleep(size_t /*answers*/) override {
    const ZmqSocket::State state = socket_.Look();
    // Whoever breaks ZeroMQ's own rules, or sends too long a part, is cut off for good.
    if (!state.readable && !state.writable) broken_ = true;
    return !state.readable && state.writable;
  }

 private:
  static constexpr uint64_t kUntold = ~uint64_t{0};

  /// Once for all that has come, and again until it goes: while the worker still computes what the
  /// stop message found before it, it hears nothing, and the pair holds some hundred counts.
  void TellReceived() {
    if (stop_sent_ && told_ != answers_ && Tell(beside_.get(), answers_)) told_ = answers_;
  }

  void HearTaken() {
    while (const auto taken = Hear(beside_.get()))
      room_ = std::min(most_room_, room_ + std::min(*taken, most_room_));
  }

  ChannelShape shape_;
  uint64_t most_room_;
  uint64_t room_;         ///< messages that may be sent before the worker takes one
  uint64_t answers_ = 0;  ///< received
  uint64_t told_ = 0;     ///< of them, what the worker was told last
  bool stop_sent_ = false;
  bool broken_ = false;
  std::vector<std::byte> copy_;
  UniqueFd beside_;  ///< outlives the socket: once it is closed nothing more will come
  ZmqSocket socket_;
  ZmqPart part_;
};

class ZeromqWorkerChannel final : public WorkerChannel {
 public:
  ZeromqWorkerChannel(UniqueFd listener, UniqueFd beside, const std::string& endpoint,
                      const ChannelShape& shape)
      : shape_(shape),
        beside_(std::move(beside)),
        socket_({shape.credit + 2, 0, MostPartBytes(shape.request_bytes)}) {
    socket_.Bind(std::move(listener), endpoint);
  }
  ZeromqWorkerChannel(const ZeromqWorkerChannel&) = delete;
  ZeromqWorkerChannel& operator=(const ZeromqWorkerChannel&) = delete;
  ~ZeromqWorkerChannel() override {
    socket_.LingerFor(PeerHasGone(beside_.get()) ? 0 : kLongestLingerMs);
  }

  std::optional<Incoming> Receive() override {
    AtStep(shape_, Step::kWaiting);
    if (ended_ || !AwaitFirstPart()) return std::nullopt;
    const ChunkHeader header = TakeHeader(part_, shape_, shape_.request_bytes);
    AtStep(shape_, Step::kReceiving);
    (void)socket_.Receive(part_, Wait::kNot);
    const auto payload = TakePayload(part_, header.payload_bytes, copy_);
    ++untold_;
    if (Tell(beside_.get(), untold_)) untold_ = 0;
    if (header.kind == MessageKind::kStop) AwaitTaken();
    AtStep(shape_, Step::kReceived);
    return Incoming{header, payload};
  }

  std::span<std::byte> AnswerSpace(size_t bytes) override {
    answer_ = ZmqPart(bytes);
    AtStep(shape_, Step::kAnswering);
    return answer_.bytes();
  }

  void Send(const ChunkHeader& header) override {
    if (header.payload_bytes < answer_.bytes().size()) {
      ZmqPart shorter(header.payload_bytes);
      std::copy_n(answer_.bytes().begin(), header.payload_bytes, shorter.bytes().begin());
      answer_ = std::move(shorter);
    }
    ZmqPart head(sizeof header);
    std::memcpy(head.bytes().data(), &header, sizeof header);
    SendPart(head, true);
    AtStep(shape_, Step::kSending);
    SendPart(answer_, false);
    ++answers_;
    AtStep(shape_, Step::kPublished);
    AtStep(shape_, Step::kSent);
  }

 private:
  /// False when the dispatcher has gone and all that it sent was taken.
  bool AwaitFirstPart() {
    bool gone = false;
    while (!SpinForFirstPart() && !socket_.Receive(part_, Wait::kLookAgain)) {
      // Whatever was on its way when this was first seen has come since.
      if (gone) return false;
      gone = PeerHasGone(beside_.get());
    }
    ended_ = part_.bytes().empty() && !part_.more();
    return !ended_;
  }

  bool SpinForFirstPart() {
    const int64_t begin_ns = NowNs();
    while (shape_.spin_ns > 0 && NowNs() - begin_ns < shape_.spin_ns) {
      if (socket_.Receive(part_, Wait::kNot)) return true;
      if (PeerHasGone(beside_.get())) return false;
      SpinPause();
    }
    return false;
  }

  /// Until the dispatcher has all answers. An answer that was sent is still on its way through two
  /// threads, and what the worker tells after its last one, elsewhere, must not overtake it.
  void AwaitTaken() {
    for (uint64_t taken = 0; taken < answers_;) {
      pollfd watch{beside_.get(), POLLIN, 0};
      if (::poll(&watch, 1, -1) < 0 && errno == EINTR) continue;
      const auto heard = Hear(beside_.get());
      if (!heard) return;  // the dispatcher has gone
      taken = *heard;
    }
  }

  void SendPart(ZmqPart& part, bool more) {
    while (!socket_.Send(part, more, Wait::kLookAgain)) {
      if (PeerHasGone(beside_.get())) {
        throw Error("the dispatcher closed the connection before an answer was sent");
      }
    }
  }

  ChannelShape shape_;
  uint64_t untold_ = 0;   ///< messages taken of which the dispatcher does not know
  uint64_t answers_ = 0;  ///< sent
  bool ended_ = false;
  std::vector<std::byte> copy_;
  UniqueFd beside_;  ///< outlives the socket
  ZmqSocket socket_;
  ZmqPart part_;
  ZmqPart answer_;
};

/// A socket that listens under a name of its own in the abstract namespace, so that no file is left
/// behind and nobody else's name is taken.
UniqueFd Listen() {
  UniqueFd listener(
      Check(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), "socket", "AF_UNIX"));
  std::array<uint64_t, 2> random{};
  Check(getrandom(random.data(), sizeof random, 0), "getrandom");
  const std::string name = fmt::format("coresweep.{:016x}{:016x}", random[0], random[1]);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::copy(name.begin(), name.end(), address.sun_path + 1);
  const size_t length = offsetof(sockaddr_un, sun_path) + 1 + name.size();
  Check(bind(listener.get(), reinterpret_cast<const sockaddr*>(&address),
             static_cast<socklen_t>(length)),
        "bind", name);
  Check(listen(listener.get(), 1), "listen", name);
  return listener;
}

/// As ZeroMQ writes the name of a listening socket.
std::string EndpointOf(const UniqueFd& listener) {
  sockaddr_un address{};
  socklen_t length = sizeof address;
  Check(getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &length), "getsockname");
  return "ipc://@" + std::string(address.sun_path + 1);
}

}  // namespace

Connection OpenZeromq(const ChannelShape& shape) {
  UniqueFd listener = Listen();
  std::array<int, 2> fds{};
  Check(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds.data()), "socketpair");
  UniqueFd ours(fds[0]);
  UniqueFd theirs(fds[1]);
  Connection connection;
  connection.dispatcher =
      std::make_unique<ZeromqDispatcherChannel>(std::move(ours), EndpointOf(listener), shape);
  connection.worker_fds.push_back(std::move(listener));
  connection.worker_fds.push_back(std::move(theirs));
  return connection;
}

std::unique_ptr<WorkerChannel> AttachZeromq(std::vector<UniqueFd> fds, const ChannelShape& shape) {
  const std::string endpoint = EndpointOf(fds.at(0));
  return std::make_unique<ZeromqWorkerChannel>(std::move(fds.at(0)), std::move(fds.at(1)), endpoint,
                                               shape);
}

}  // namespace coresweep
