// One ZeroMQ socket of type PAIR. Used by transport `zeromq` alone.
#pragma once

#include <zmq.h>

#include <cstddef>
#include <span>
#include <string>

#include "harness/base/unique_fd.h"

namespace coresweep {

/// One part of a message.
class ZmqPart {
 public:
  ZmqPart() { zmq_msg_init(&message_); }
  /// Room for `bytes`; throws `Error` when the memory is refused.
  explicit ZmqPart(size_t bytes);
  /// Refers to memory that stays as it is until the part was sent or its socket is gone.
  static ZmqPart Referring(std::span<const std::byte> bytes);

  ZmqPart(ZmqPart&& other) noexcept : ZmqPart() { zmq_msg_move(&message_, &other.message_); }
  ZmqPart& operator=(ZmqPart&& other) noexcept {
    if (this != &other) zmq_msg_move(&message_, &other.message_);
    return *this;
  }
  ZmqPart(const ZmqPart&) = delete;
  ZmqPart& operator=(const ZmqPart&) = delete;
  ~ZmqPart() { zmq_msg_close(&message_); }

  /// Valid until this part is moved from, sent or received into.
  [[nodiscard]] std::span<std::byte> bytes();
  /// True when another part of the same message follows it.
  [[nodiscard]] bool more() const { return zmq_msg_more(&message_) != 0; }

 private:
  friend class ZmqSocket;
  zmq_msg_t message_;
};

/// What a socket holds in memory at most.
struct ZmqLimits {
  int send_messages = 0;     ///< waiting to be sent; 0: no limit
  int receive_messages = 0;  ///< come and not taken; 0: no limit
  size_t part_bytes = 0;     ///< a peer that sends a longer part is cut off
};

/// A socket with a context of its own, that is, with two threads: libzmq's I/O thread and its
/// reaper. They inherit the CPUs of the thread that makes the socket. Used by one thread.
class ZmqSocket {
 public:
  enum class Wait {
    kNot,
    kLookAgain,  ///< at most a tenth of a second
  };

  /// Throws `Error` where threads, memory or descriptors do not suffice: libzmq would abort.
  explicit ZmqSocket(const ZmqLimits& limits);
  ZmqSocket(const ZmqSocket&) = delete;
  ZmqSocket& operator=(const ZmqSocket&) = delete;
  /// Waits as long as `LingerFor` said for what is not sent; after that libzmq holds no memory.
  ~ZmqSocket();

  /// Connects to a socket that listens already. A lost connection is not made again.
  void Connect(const std::string& endpoint);
  /// Takes the first connection that `listener`, a socket bound to `endpoint`, gets.
  void Bind(UniqueFd listener, const std::string& endpoint);

  /// Hands one part over; `more` of the same message follow. False: no room, or no peer any more.
  /// After the first part of a message the others go at once.
  [[nodiscard]] bool Send(ZmqPart& part, bool more, Wait wait);
  /// Takes the next part; false when there is none. Messages come whole: after the first part of
  /// one the others are there.
  [[nodiscard]] bool Receive(ZmqPart& part, Wait wait);

  /// Looks now: a message is there / one may be sent. A later change makes `fd` readable, which it
  /// then is until the next call on this object.
  struct State {
    bool readable;
    bool writable;
  };
  [[nodiscard]] State Look();
  [[nodiscard]] int fd() const;

  void LingerFor(int ms) { Set(ZMQ_LINGER, ms); }

 private:
  void Set(int option, int value);

  void* context_;
  void* socket_;
};

}  // namespace coresweep
