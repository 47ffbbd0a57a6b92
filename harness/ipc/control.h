// The control connection between the parent and one child: small JSON messages, whole ones only,
// and descriptors where asked for. Never used between two timestamps.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/base/clock.h"
#include "harness/base/unique_fd.h"

namespace coresweep {

struct ControlMessage {
  std::string text;
  std::vector<UniqueFd> fds;
};

/// One end of a Unix seqpacket pair.
class ControlEnd {
 public:
  explicit ControlEnd(UniqueFd fd) : fd_(std::move(fd)) {}
  /// Both ends, close-on-exec.
  static std::pair<ControlEnd, ControlEnd> MakePair();

  [[nodiscard]] int fd() const { return fd_.get(); }
  /// Sends one message of at most `kMostBytes` with at most 8 descriptors; blocks while the peer is
  /// behind. What the socket cannot hold whole travels in a memfd. Throws `Error` when the peer has
  /// gone.
  void Send(const std::string& text, const std::vector<int>& fds = {}) const;
  /// The next message, waiting until `deadline`; nullopt when none came. Throws `Error` when the
  /// peer has closed its end.
  [[nodiscard]] std::optional<ControlMessage> Receive(Deadline deadline) const;

  static constexpr size_t kMostBytes = size_t{64} << 20;

 private:
  void SendInline(std::string_view text, const std::vector<int>& fds) const;

  UniqueFd fd_;
};

}  // namespace coresweep
