#include "harness/ipc/await_answer.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "harness/base/error.h"
#include "harness/ipc/futex.h"

namespace coresweep {
namespace {

constexpr uint32_t kTurnsBetweenClocks = 16;  // reading the clock costs as much as looking
constexpr uint32_t kTurnsBetweenLooks = 4096;
constexpr size_t kMostAlso = 6;

/// What is waited for, ready for poll: the channel's two descriptors, then `also`.
class Watch {
 public:
  Watch(const DispatcherChannel& channel, std::span<const int> also)
      : count_(2 + std::min(also.size(), kMostAlso)) {
    watched_[0] = {channel.receive_fd(), POLLIN, 0};
    watched_[1] = {channel.WantsToSend() ? channel.send_fd() : -1, POLLOUT, 0};
    for (size_t i = 2; i < count_; ++i)
      watched_[i] = {also[i - 2], POLLIN, 0};
  }

  /// True when something happened.
  bool Poll(int timeout_ms) {
    const int ready = ::poll(watched_.data(), count_, timeout_ms);
    if (ready < 0 && errno != EINTR) ThrowErrno("poll");
    return ready > 0;
  }
  [[nodiscard]] bool MayReceive() const { return watched_[0].revents != 0; }
  [[nodiscard]] bool MaySend() const { return watched_[1].revents != 0; }
  [[nodiscard]] bool Also() const {
    return std::any_of(watched_.begin() + 2, watched_.begin() + static_cast<std::ptrdiff_t>(count_),
                       [](const pollfd& watched) { return watched.revents != 0; });
  }

 private:
  std::array<pollfd, 2 + kMostAlso> watched_{};
  size_t count_;
};

/// Time since the waiting began. The clock is first read when the first answer did not come at
/// once: that reading would be a fifth of a round trip over shared memory.
class Waited {
 public:
  int64_t Ns() {
    const int64_t now_ns = NowNs();
    if (begin_ns_ == 0) begin_ns_ = now_ns;
    return now_ns - begin_ns_;
  }
  /// Throws when `patience_ns` has passed; what is left of it in milliseconds, rounded up.
  int CheckPatience(int64_t patience_ns) {
    const int64_t left_ns = patience_ns - Ns();
    if (left_ns > 0) return Deadline::After(left_ns).RemainingMs();
    throw Error(fmt::format("no answer within {:.3g} s", NsToSeconds(patience_ns)));
  }

 private:
  int64_t begin_ns_ = 0;
};

/// Looks until an answer is there, the spinning time is over or one of `wait.also` became readable:
/// then `also` is set.
std::optional<Incoming> Spin(DispatcherChannel& channel, const AnswerWait& wait, Waited& waited,
                             bool& also) {
  for (uint32_t turn = 1;; ++turn) {
    SpinPause();
    if (channel.WantsToSend()) channel.Flush();
    if (auto answer = channel.TryReceive()) return answer;
    if (turn % kTurnsBetweenClocks != 0) continue;
    if (wait.spin_ns != kSpinForever && waited.Ns() >= wait.spin_ns) return std::nullopt;
    if (turn % kTurnsBetweenLooks != 0) continue;
    Watch watch(channel, wait.also);
    also = watch.Poll(0) && watch.Also();
    if (also) return channel.TryReceive();
    waited.CheckPatience(wait.patience_ns);
  }
}

/// Sleeps until something happens; true when it was one of `wait.also`.
bool Sleep(DispatcherChannel& channel, const AnswerWait& wait, Waited& waited) {
  const int left_ms = waited.CheckPatience(wait.patience_ns);
  if (!channel.PrepareToSleep(1)) return false;
  Watch watch(channel, wait.also);
  if (!watch.Poll(left_ms)) return false;
  if (watch.MayReceive()) channel.Woken();
  if (watch.MaySend()) channel.Flush();
  return watch.Also();
}

}  // namespace

std::optional<Incoming> AwaitAnswer(DispatcherChannel& channel, const AnswerWait& wait) {
  if (auto answer = channel.TryReceive()) return answer;
  Waited waited;
  bool also = false;
  if (wait.spin_ns > 0) {
    auto answer = Spin(channel, wait, waited, also);
    if (answer || also) return answer;
  }
  while (true) {
    also = Sleep(channel, wait, waited);
    // An answer that came together with the end of the worker still counts.
    auto answer = channel.TryReceive();
    if (answer || also) return answer;
  }
}

}  // namespace coresweep
