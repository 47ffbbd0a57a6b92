#include "harness/run/peer_watch.h"

#include <sys/timerfd.h>

#include <algorithm>
#include <cerrno>

#include "harness/base/clock.h"
#include "harness/base/error.h"

namespace coresweep {
namespace {

constexpr size_t kMostAtOnce = 64;  // the others come with the next call

uint64_t Tag(size_t peer, PeerWatch::Source source) {
  return static_cast<uint64_t>(peer) << 8U | static_cast<uint64_t>(source);
}

}  // namespace

PeerWatch::PeerWatch(int stop_fd)
    : epoll_(Check(epoll_create1(EPOLL_CLOEXEC), "epoll_create1")), ready_(kMostAtOnce) {
  if (stop_fd >= 0) Control(EPOLL_CTL_ADD, stop_fd, EPOLLIN, Tag(0, Source::kStop));
}

void PeerWatch::Control(int operation, int fd, uint32_t events, uint64_t data) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = data;
  Check(epoll_ctl(epoll_.get(), operation, fd, &event), "epoll_ctl");
}

void PeerWatch::Add(size_t peer, int receive_fd, int control_fd, int pidfd) {
  if (peers_.size() <= peer) peers_.resize(peer + 1);
  peers_[peer] = {receive_fd, control_fd, pidfd, -1};
  if (receive_fd >= 0) Control(EPOLL_CTL_ADD, receive_fd, EPOLLIN, Tag(peer, Source::kReceive));
  if (control_fd >= 0) Control(EPOLL_CTL_ADD, control_fd, EPOLLIN, Tag(peer, Source::kControl));
  if (pidfd >= 0) Control(EPOLL_CTL_ADD, pidfd, EPOLLIN, Tag(peer, Source::kEnded));
}

void PeerWatch::WantToSend(size_t peer, int send_fd, bool wanted) {
  Peer& known = peers_[peer];
  if (wanted == (known.send_fd >= 0)) return;
  known.send_fd = wanted ? send_fd : -1;
  if (send_fd == known.receive_fd) {  // one registration a descriptor: it tells both
    Control(EPOLL_CTL_MOD, send_fd, wanted ? EPOLLIN | EPOLLOUT : EPOLLIN,
            Tag(peer, Source::kReceive));
  } else {
    Control(wanted ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, send_fd, EPOLLOUT, Tag(peer, Source::kSend));
  }
}

void PeerWatch::Remove(size_t peer) {
  Peer& known = peers_[peer];
  for (const int fd : {known.receive_fd, known.control_fd, known.pidfd}) {
    if (fd >= 0) Control(EPOLL_CTL_DEL, fd, 0, 0);
  }
  if (known.send_fd >= 0 && known.send_fd != known.receive_fd)
    Control(EPOLL_CTL_DEL, known.send_fd, 0, 0);
  known = {};
}

void PeerWatch::WakeAt(std::optional<int64_t> at_ns) {
  if (at_ns == wake_at_ns_) return;
  if (!timer_) {
    timer_ = UniqueFd(
        Check(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK), "timerfd_create"));
    Control(EPOLL_CTL_ADD, timer_.get(), EPOLLIN, Tag(0, Source::kTime));
  }
  // Setting it also takes back that it was readable; all zero stops it.
  itimerspec setting{};
  if (at_ns) {
    const int64_t at = *at_ns > 1 ? *at_ns : 1;
    setting.it_value = {at / kNsPerS, at % kNsPerS};
  }
  Check(timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &setting, nullptr), "timerfd_settime");
  wake_at_ns_ = at_ns;
}

const std::vector<PeerWatch::Event>& PeerWatch::Wait(int timeout_ms) {
  events_.clear();
  const int count =
      epoll_wait(epoll_.get(), ready_.data(), static_cast<int>(ready_.size()), timeout_ms);
  if (count < 0 && errno != EINTR) ThrowErrno("epoll_wait");
  for (int i = 0; i < count; ++i) {
    const epoll_event& ready = ready_[static_cast<size_t>(i)];
    const auto source = static_cast<Source>(ready.data.u64 & 0xffU);
    const size_t peer = ready.data.u64 >> 8U;
    const bool both = source == Source::kReceive && (ready.events & EPOLLOUT) != 0;
    if (both) events_.push_back({Source::kSend, peer});
    if (!both || (ready.events & ~uint32_t{EPOLLOUT}) != 0) events_.push_back({source, peer});
  }
  std::stable_sort(events_.begin(), events_.end(),
                   [](const Event& a, const Event& b) { return a.source < b.source; });
  return events_;
}

}  // namespace coresweep
