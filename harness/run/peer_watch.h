// What a parent sleeps on while its workers work: one epoll over all they can say.
#pragma once

#include <sys/epoll.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "harness/base/unique_fd.h"

namespace coresweep {

/// Level-triggered. Descriptors belong to others and are taken out with `Remove` before they close.
class PeerWatch {
 public:
  enum class Source : uint32_t {
    kStop,     ///< the user's signal
    kTime,     ///< the one given to `WakeAt` has come
    kReceive,  ///< answers may be there
    kSend,     ///< there is room to send on
    kControl,  ///< a report, or the connection closed
    kEnded,    ///< the process
  };
  struct Event {
    Source source;
    size_t peer;  ///< as given to `Add`
  };

  /// `stop_fd` may be -1: none.
  explicit PeerWatch(int stop_fd);

  /// A descriptor of -1 is left out.
  void Add(size_t peer, int receive_fd, int control_fd, int pidfd);
  /// Starts or stops waiting for room in `send_fd`, which may be the peer's `receive_fd`.
  void WantToSend(size_t peer, int send_fd, bool wanted);
  void Remove(size_t peer);
  /// `Wait` ends at `at_ns` of CLOCK_MONOTONIC at the latest, to the precision of the kernel's
  /// timers instead of milliseconds; nullopt: no longer. Replaces what was asked for before.
  void WakeAt(std::optional<int64_t> at_ns);

  /// What happened, waiting `timeout_ms` at most (-1: for ever); the stop signal first, then ends
  /// of processes last. Valid until the next call.
  [[nodiscard]] const std::vector<Event>& Wait(int timeout_ms);

 private:
  struct Peer {
    int receive_fd = -1;
    int control_fd = -1;
    int pidfd = -1;
    int send_fd = -1;  ///< -1: room is not awaited
  };

  void Control(int operation, int fd, uint32_t events, uint64_t data);

  UniqueFd epoll_;
  UniqueFd timer_;  ///< made when first needed
  std::optional<int64_t> wake_at_ns_;
  std::vector<Peer> peers_;
  std::vector<epoll_event> ready_;
  std::vector<Event> events_;
};

}  // namespace coresweep
