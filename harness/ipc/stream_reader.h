// Takes messages out of a byte stream with as few system calls as it can: one for a message as long
// as the one before it.
#pragma once

#include <vector>

#include "harness/ipc/channel.h"

namespace coresweep {

/// The receiving half of either end of a stream. Trusts no header: one that was refused once stays
/// refused.
class StreamReader {
 public:
  enum class Came {
    kWhole,  ///< a message, see `message`
    kLater,  ///< not all of one now
    kEnded,  ///< no message, and no more will come
  };
  enum class Look {
    kOnce,  ///< takes what is there; the descriptor does not block
    kSpin,  ///< likewise, where it does
    kWait,  ///< the descriptor blocks: until a message is whole or the stream ends
  };

  /// Messages of `shape` with at most `most_bytes` of payload.
  StreamReader(const ChannelShape& shape, size_t most_bytes);

  /// Throws `Error` on a malformed header, and on the end of the stream inside a message
  /// unless `kOnce`.
  [[nodiscard]] Came Read(int fd, Look look);
  /// Waits for the header of the next message alone (`kWhole`): `Read` gives the message.
  [[nodiscard]] Came ReadHead(int fd);
  /// The whole message; valid until the next `Read`.
  [[nodiscard]] Incoming message();
  /// True when the next `Read` gives a message, or refuses one, without a system call.
  [[nodiscard]] bool HasNext() const;
  /// The descriptor was seen readable.
  void Woken() { dry_ = false; }

 private:
  /// Forgets the message that was given; what came behind it moves to the front.
  void DropTaken();
  /// Whether the message at the front is whole. Throws `Error` when its header is malformed.
  [[nodiscard]] bool IsWhole();
  [[nodiscard]] ChunkHeader HeaderAt(size_t offset) const;
  [[nodiscard]] size_t Wanted() const;
  /// One read of up to `bytes`; `kWhole` when some came.
  [[nodiscard]] Came More(int fd, Look look, size_t bytes);

  ChannelShape shape_;
  size_t most_bytes_;
  /// One message, and room for the header of the next: that it did not come along says that there
  /// is none.
  std::vector<std::byte> buffer_;
  size_t filled_ = 0;
  size_t taken_ = 0;  ///< bytes of the message that was given
  size_t expected_;   ///< bytes of payload of the next message, as far as one can tell
  /// The last read brought less than was asked for, so nothing was left there at that moment: one
  /// `Read` says so without asking the kernel, unless it is to wait. Over tcp more may come right
  /// then, because taking it makes room for what the kernel held back.
  bool dry_ = false;
  ChunkHeader header_;
};

}  // namespace coresweep
