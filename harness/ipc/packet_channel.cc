#include "harness/ipc/packet_channel.h"

#include <fmt/format.h>

#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "harness/ipc/futex.h"

namespace coresweep {
namespace {

constexpr int kLooksPerClockReading = 16;

}  // namespace

using Look = PacketEnd::Look;
using State = PacketEnd::State;

void PacketWriter::Begin(const ChunkHeader& header, std::span<const std::byte> payload) {
  header_ = header;
  payload_ = payload;
  total_ = sizeof header + payload.size();
  sent_ = 0;
}

State PacketWriter::WriteUpTo(size_t bytes, PacketEnd& end) {
  while (sent_ < bytes) {
    const auto payload = payload_.first(bytes - sizeof header_);
    const PacketEnd::Result result = sent_ == 0
                                         ? end.Send(std::as_bytes(std::span(&header_, 1)), payload)
                                         : end.Send({}, payload.subspan(sent_ - sizeof header_));
    if (result.state != State::kMoved) return result.state;
    sent_ += result.bytes;
  }
  return State::kMoved;
}

PacketReader::PacketReader(const ChannelShape& shape, size_t most_bytes)
    : shape_(shape), payload_(MakeBuffer(most_bytes)) {}

State PacketReader::ReadHead(PacketEnd& end, Look look) {
  const PacketEnd::Result result =
      end.Receive(std::as_writable_bytes(std::span(&header_, 1)), payload_, look);
  if (result.state != State::kMoved) return result.state;
  if (result.bytes < sizeof header_) {
    throw Error(fmt::format("malformed message: a first packet of {} bytes", result.bytes));
  }
  CheckHeader(header_, shape_, payload_.size());
  filled_ = result.bytes - sizeof header_;
  if (filled_ > header_.payload_bytes) {
    throw Error(fmt::format("malformed message: {} bytes came for a payload of {}", filled_,
                            header_.payload_bytes));
  }
  inside_ = true;
  return State::kMoved;
}

State PacketReader::ReadFirst(PacketEnd& end, Look look) {
  if (broken_) throw Error("malformed message: what follows it cannot be read");
  broken_ = true;  // unless this ends without an error
  const State state = inside_ ? State::kMoved : ReadHead(end, look);
  broken_ = false;
  return state;
}

State PacketReader::Read(PacketEnd& end) {
  State state = ReadFirst(end, Look::kWait);
  broken_ = true;
  while (state == State::kMoved && filled_ < header_.payload_bytes) {
    const PacketEnd::Result result = end.Receive({}, Payload().subspan(filled_), Look::kWait);
    state = result.state;
    filled_ += result.bytes;
  }
  broken_ = false;
  if (state == State::kMoved) inside_ = false;
  return state;
}

bool PacketDispatcherChannel::TrySend(const ChunkHeader& header,
                                      std::span<const std::byte> payload) {
  if (WantsToSend()) Flush();
  if (WantsToSend()) return false;
  writer_.Begin(header, payload);
  Flush();
  return true;
}

void PacketDispatcherChannel::Flush() {
  // When the worker has gone, its pidfd tells why.
  if (writer_.Write(*end_) == State::kGone) writer_.Drop();
}

std::optional<Incoming> PacketDispatcherChannel::TryReceive() {
  if (reader_.Read(*end_) != State::kMoved) return std::nullopt;
  return reader_.message();
}

State PacketWorkerChannel::ReadFirst() {
  if (shape_.spin_ns > 0) {
    const int64_t begin_ns = NowNs();
    for (int look = 1;; ++look) {
      const State state = reader_.ReadFirst(*end_, Look::kOnce);
      if (state != State::kLater) return state;
      SpinPause();
      if (look % kLooksPerClockReading == 0 && NowNs() - begin_ns >= shape_.spin_ns) break;
    }
  }
  return reader_.ReadFirst(*end_, Look::kWait);
}

std::optional<Incoming> PacketWorkerChannel::Receive() {
  AtStep(shape_, Step::kWaiting);
  State state = ReadFirst();
  if (state == State::kMoved) {
    AtStep(shape_, Step::kReceiving);
    state = reader_.Read(*end_);
  }
  if (state == State::kMoved) {
    AtStep(shape_, Step::kReceived);
    return reader_.message();
  }
  if (reader_.InsideMessage()) {
    throw Error("the dispatcher closed the connection inside a message");
  }
  return std::nullopt;
}

std::span<std::byte> PacketWorkerChannel::AnswerSpace(size_t bytes) {
  AtStep(shape_, Step::kAnswering);
  return std::span(answer_).first(bytes);
}

void PacketWorkerChannel::Send(const ChunkHeader& header) {
  PacketWriter writer;
  writer.Begin(header, std::span(answer_).first(header.payload_bytes));
  State state = State::kMoved;
  if (shape_.at_step != nullptr) {
    state = writer.WriteHalf(*end_);
    AtStep(shape_, Step::kSending);
  }
  if (state == State::kMoved) state = writer.Write(*end_);
  if (state != State::kMoved) {
    throw Error("the dispatcher closed the connection before an answer was sent");
  }
  AtStep(shape_, Step::kPublished);
  AtStep(shape_, Step::kSent);
}

}  // namespace coresweep
