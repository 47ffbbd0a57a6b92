// Both ends of a connection over packets that are kept whole: seqpacket sockets and message queues
// differ only in how one packet moves. A message is its header with the beginning of the payload in
// the first packet, then the rest of the payload in as many packets as it takes.
#pragma once

#include <memory>
#include <vector>

#include "harness/ipc/buffer.h"
#include "harness/ipc/channel.h"

namespace coresweep {

/// Moves single packets in one connection. Of the dispatcher's nothing blocks; the worker's waits.
class PacketEnd {
 public:
  enum class State {
    kMoved,  ///< a packet of `bytes` > 0 moved
    kLater,  ///< no room or no packet now; on the worker's end only after `kOnce`
    kGone,   ///< the peer closed its end and everything it sent was taken
  };
  enum class Look {
    kOnce,  ///< takes what is there, `kLater` when nothing is
    kWait,  ///< the worker's end waits
  };
  struct Result {
    State state;
    size_t bytes = 0;
  };

  virtual ~PacketEnd() = default;

  /// Sends one packet: `head` and as much of the beginning of `body` as fits with it. `head` is at
  /// most a `ChunkHeader`; both together are not empty.
  [[nodiscard]] virtual Result Send(std::span<const std::byte> head,
                                    std::span<const std::byte> body) = 0;
  /// Takes the next packet, its beginning into `head`, the rest into `body`. Throws `Error` when it
  /// is longer than both together, so that nothing is cut off unseen.
  [[nodiscard]] virtual Result Receive(std::span<std::byte> head, std::span<std::byte> body,
                                       Look look) = 0;

  [[nodiscard]] virtual int receive_fd() const = 0;
  [[nodiscard]] virtual int send_fd() const = 0;
};

/// Splits one message at a time into packets.
class PacketWriter {
 public:
  /// Begins a message; `payload` must stay unchanged until it is sent.
  void Begin(const ChunkHeader& header, std::span<const std::byte> payload);
  [[nodiscard]] bool Pending() const { return sent_ < total_; }
  /// Sends packets until the message, or the first half of it, is out (`kMoved`) or one cannot go.
  PacketEnd::State Write(PacketEnd& end) { return WriteUpTo(total_, end); }
  PacketEnd::State WriteHalf(PacketEnd& end) { return WriteUpTo(HalfOfTotal(), end); }
  /// Forgets the rest of the message.
  void Drop() { sent_ = total_; }

 private:
  PacketEnd::State WriteUpTo(size_t bytes, PacketEnd& end);
  /// The header is not split.
  [[nodiscard]] size_t HalfOfTotal() const { return sizeof header_ + payload_.size() / 2; }

  ChunkHeader header_;
  std::span<const std::byte> payload_;
  size_t total_ = 0;
  size_t sent_ = 0;
};

/// Puts messages together from packets. Trusts no length: a packet that is too short, too long or
/// out of place is an `Error`, and so is every later call.
class PacketReader {
 public:
  /// Messages of `shape` with at most `most_bytes` of payload.
  PacketReader(const ChannelShape& shape, size_t most_bytes);

  /// Takes packets until a message is whole (`kMoved`) or none is there; or only the first of them.
  PacketEnd::State Read(PacketEnd& end);
  PacketEnd::State ReadFirst(PacketEnd& end, PacketEnd::Look look);
  /// The whole message; valid until the next `Read`.
  [[nodiscard]] Incoming message() { return {header_, Payload()}; }
  /// True while some packets of a message came, but not all.
  [[nodiscard]] bool InsideMessage() const { return inside_; }

 private:
  [[nodiscard]] std::span<std::byte> Payload() {
    return std::span(payload_).first(header_.payload_bytes);
  }
  PacketEnd::State ReadHead(PacketEnd& end, PacketEnd::Look look);

  ChannelShape shape_;
  ChunkHeader header_;
  std::vector<std::byte> payload_;
  size_t filled_ = 0;  ///< of the payload
  bool inside_ = false;
  bool broken_ = false;
};

/// Dispatcher's end.
class PacketDispatcherChannel final : public DispatcherChannel {
 public:
  PacketDispatcherChannel(std::unique_ptr<PacketEnd> end, const ChannelShape& shape)
      : end_(std::move(end)), reader_(shape, shape.answer_bytes) {}

  bool TrySend(const ChunkHeader& header, std::span<const std::byte> payload) override;
  bool WantsToSend() const override { return writer_.Pending(); }
  void Flush() override;
  std::optional<Incoming> TryReceive() override;
  int receive_fd() const override { return end_->receive_fd(); }
  int send_fd() const override { return end_->send_fd(); }
  bool LookIsSystemCall() const override { return true; }

 private:
  std::unique_ptr<PacketEnd> end_;
  PacketWriter writer_;
  PacketReader reader_;
};

/// Worker's end.
class PacketWorkerChannel final : public WorkerChannel {
 public:
  PacketWorkerChannel(std::unique_ptr<PacketEnd> end, const ChannelShape& shape)
      : shape_(shape),
        end_(std::move(end)),
        reader_(shape, shape.request_bytes),
        answer_(MakeBuffer(shape.answer_bytes)) {}

  std::optional<Incoming> Receive() override;
  std::span<std::byte> AnswerSpace(size_t bytes) override;
  void Send(const ChunkHeader& header) override;

 private:
  /// Spins for the granted time, then waits.
  PacketEnd::State ReadFirst();

  ChannelShape shape_;
  std::unique_ptr<PacketEnd> end_;
  PacketReader reader_;
  std::vector<std::byte> answer_;
};

}  // namespace coresweep
