#include "harness/ipc/mq_end.h"

#include <fmt/format.h>
#include <mqueue.h>
#include <poll.h>
#include <time.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <vector>

#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "harness/ipc/buffer.h"

namespace coresweep {
namespace {

constexpr int64_t kLongestWaitNs = 100 * kNsPerMs;

/// Queues have only deadlines of the wall clock. When that is set back, the worker looks later
/// whether the dispatcher is still there.
timespec WallClockAfter(int64_t ns) {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  const int64_t then = now.tv_nsec + ns;
  return {now.tv_sec + then / kNsPerS, then % kNsPerS};
}

size_t MessageBytes(int queue) {
  mq_attr attributes{};
  Check(mq_getattr(queue, &attributes), "mq_getattr");
  return static_cast<size_t>(attributes.mq_msgsize);
}

bool IsReadable(int fd) {
  pollfd watch{fd, POLLIN, 0};
  return ::poll(&watch, 1, 0) > 0;
}

/// What both sides do alike. Their descriptors decide whether a call waits: the dispatcher's are
/// non-blocking, so the deadline means nothing to them.
class MqEnd : public PacketEnd {
 public:
  MqEnd(UniqueFd receive, UniqueFd send)
      : receive_(std::move(receive)),
        send_(std::move(send)),
        receive_bytes_(MessageBytes(receive_.get())),
        send_bytes_(MessageBytes(send_.get())),
        staging_(MakeBuffer(std::max(receive_bytes_, send_bytes_))) {}

  Result Send(std::span<const std::byte> head, std::span<const std::byte> body) override {
    const size_t bytes = std::min(send_bytes_, head.size() + body.size());
    const std::byte* packet = body.data();
    if (!head.empty()) {
      std::memcpy(staging_.data(), head.data(), head.size());
      if (bytes > head.size()) {
        std::memcpy(staging_.data() + head.size(), body.data(), bytes - head.size());
      }
      packet = staging_.data();
    }
    return Move("mq_send", [&](const timespec& until) {
      const auto* text = reinterpret_cast<const char*>(packet);
      const int refused = mq_timedsend(send_.get(), text, bytes, 0, &until);
      return refused == 0 ? static_cast<ssize_t>(bytes) : -1;
    });
  }

  Result Receive(std::span<std::byte> head, std::span<std::byte> body, Look look) override {
    if (look == Look::kOnce && !IsReadable(receive_.get())) return {State::kLater};
    // A whole message must fit where it is received; the end of a payload may be too short.
    const bool direct = head.empty() && body.size() >= receive_bytes_;
    std::byte* packet = direct ? body.data() : staging_.data();
    const Result result = Move("mq_receive", [&](const timespec& until) {
      return mq_timedreceive(receive_.get(), reinterpret_cast<char*>(packet), receive_bytes_,
                             nullptr, &until);
    });
    if (result.state != State::kMoved || direct) return result;
    if (result.bytes > head.size() + body.size()) {
      throw Error(fmt::format("malformed message: a packet of {} bytes where {} are due",
                              result.bytes, head.size() + body.size()));
    }
    const size_t of_head = std::min(head.size(), result.bytes);
    std::copy_n(packet, of_head, head.begin());
    std::copy_n(packet + of_head, result.bytes - of_head, body.begin());
    return result;
  }

  int receive_fd() const override { return receive_.get(); }
  int send_fd() const override { return send_.get(); }

 protected:
  /// What an empty packet means; nobody sends one as part of a message.
  virtual State EmptyPacket() = 0;
  /// True when the peer has gone and there is no use in waiting for it.
  [[nodiscard]] virtual bool PeerHasGone() const = 0;

 private:
  /// Repeats `call` until a packet moved, none can, or the peer has gone. After that was seen it
  /// tries once more: the peer may have sent something before.
  template <typename Call>
  Result Move(std::string_view name, Call call) {
    bool last = false;
    while (true) {
      const ssize_t moved = call(last ? timespec{} : WallClockAfter(kLongestWaitNs));
      if (moved > 0) return {State::kMoved, static_cast<size_t>(moved)};
      if (moved == 0) return {EmptyPacket()};
      if (errno == EAGAIN) return {State::kLater};
      if (errno == EINTR) continue;
      if (errno != ETIMEDOUT) ThrowErrno(name);
      if (last) return {State::kGone};
      last = PeerHasGone();
    }
  }

  UniqueFd receive_;
  UniqueFd send_;
  size_t receive_bytes_;
  size_t send_bytes_;
  std::vector<std::byte> staging_;
};

class MqDispatcherEnd final : public MqEnd {
 public:
  MqDispatcherEnd(UniqueFd receive, UniqueFd send, UniqueFd alive)
      : MqEnd(std::move(receive), std::move(send)), alive_(std::move(alive)) {}
  MqDispatcherEnd(const MqDispatcherEnd&) = delete;
  MqDispatcherEnd& operator=(const MqDispatcherEnd&) = delete;
  /// Wakes a worker that waits. Where there is no room, it has packets to take first.
  ~MqDispatcherEnd() override { mq_send(send_fd(), "", 0, 0); }

 private:
  State EmptyPacket() override { throw Error("malformed message: an empty packet"); }
  bool PeerHasGone() const override { return false; }  // its pidfd tells

  UniqueFd alive_;  ///< closed with this process at the latest
};

class MqWorkerEnd final : public MqEnd {
 public:
  MqWorkerEnd(UniqueFd receive, UniqueFd send, UniqueFd alive)
      : MqEnd(std::move(receive), std::move(send)), alive_(std::move(alive)) {}

 private:
  State EmptyPacket() override { return State::kGone; }
  bool PeerHasGone() const override { return IsReadable(alive_.get()); }

  UniqueFd alive_;
};

}  // namespace

std::unique_ptr<PacketEnd> MakeMqDispatcherEnd(UniqueFd receive, UniqueFd send, UniqueFd alive) {
  return std::make_unique<MqDispatcherEnd>(std::move(receive), std::move(send), std::move(alive));
}

std::unique_ptr<PacketEnd> MakeMqWorkerEnd(UniqueFd receive, UniqueFd send, UniqueFd alive) {
  return std::make_unique<MqWorkerEnd>(std::move(receive), std::move(send), std::move(alive));
}

}  // namespace coresweep
