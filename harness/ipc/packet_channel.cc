#include "harness/ipc/packet_channel.h"

#include <fmt/format.h>

#include "harness/base/error.h"

namespace coresweep {

using State = PacketEnd::State;

void PacketWriter::Begin(const ChunkHeader& header, std::span<const std::byte> payload) {
  header_ = header;
  payload_ = payload;
  total_ = sizeof header + payload.size();
  sent_ = 0;
}

State PacketWriter::Write(PacketEnd& end) {
  while (Pending()) {
    const PacketEnd::Result result = sent_ == 0
                                         ? end.Send(std::as_bytes(std::span(&header_, 1)), payload_)
                                         : end.Send({}, payload_.subspan(sent_ - sizeof header_));
    if (result.state != State::kMoved) return result.state;
    sent_ += result.bytes;
  }
  return State::kMoved;
}

PacketReader::PacketReader(const ChannelShape& shape, size_t most_bytes)
    : shape_(shape), payload_(most_bytes) {}

State PacketReader::ReadHead(PacketEnd& end) {
  const PacketEnd::Result result =
      end.Receive(std::as_writable_bytes(std::span(&header_, 1)), payload_);
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

State PacketReader::Read(PacketEnd& end) {
  if (broken_) throw Error("malformed message: what follows it cannot be read");
  broken_ = true;  // unless this ends without an error
  State state = inside_ ? State::kMoved : ReadHead(end);
  while (state == State::kMoved && filled_ < header_.payload_bytes) {
    const PacketEnd::Result result = end.Receive({}, Payload().subspan(filled_));
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

std::optional<Incoming> PacketWorkerChannel::Receive() {
  if (reader_.Read(*end_) == State::kMoved) return reader_.message();
  if (reader_.InsideMessage()) {
    throw Error("the dispatcher closed the connection inside a message");
  }
  return std::nullopt;
}

std::span<std::byte> PacketWorkerChannel::AnswerSpace(size_t bytes) {
  return std::span(answer_).first(bytes);
}

void PacketWorkerChannel::Send(const ChunkHeader& header) {
  PacketWriter writer;
  writer.Begin(header, std::span(answer_).first(header.payload_bytes));
  if (writer.Write(*end_) != State::kMoved) {
    throw Error("the dispatcher closed the connection before an answer was sent");
  }
}

}  // namespace coresweep
