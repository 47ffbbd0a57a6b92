#include "harness/ipc/stream_channel.h"

#include <sys/uio.h>

#include <cerrno>

#include "harness/base/error.h"
#include "harness/ipc/buffer.h"
#include "harness/ipc/sockets.h"

namespace coresweep {
namespace {

/// The part of header and payload behind the first `done` bytes, for writev.
int Remainder(const ChunkHeader& header, std::span<const std::byte> payload, size_t done,
              iovec (&parts)[2]) {
  int count = 0;
  const auto head = std::as_bytes(std::span(&header, 1));
  const auto add = [&](std::span<const std::byte> bytes) {
    if (!bytes.empty()) parts[count++] = {const_cast<std::byte*>(bytes.data()), bytes.size()};
  };
  if (done < head.size()) add(head.subspan(done));
  add(done <= head.size() ? payload : payload.subspan(done - head.size()));
  return count;
}

/// Reads exactly `buffer.size()` bytes from a blocking descriptor; false when it ended before the
/// first, an `Error` when it ended later.
bool ReadAll(int fd, std::span<std::byte> buffer) {
  size_t filled = 0;
  while (filled < buffer.size()) {
    const ssize_t got = ::read(fd, buffer.data() + filled, buffer.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == ECONNRESET) return false;
    if (Check(got, "read from the dispatcher") == 0) {
      if (filled == 0) return false;
      throw Error("the dispatcher closed the connection inside a message");
    }
    filled += static_cast<size_t>(got);
  }
  return true;
}

}  // namespace

StreamDispatcherChannel::StreamDispatcherChannel(UniqueFd receive, UniqueFd send,
                                                 const ChannelShape& shape)
    : receive_(std::move(receive)),
      send_(std::move(send)),
      shape_(shape),
      in_payload_(MakeBuffer(shape.answer_bytes)) {}

bool StreamDispatcherChannel::TrySend(const ChunkHeader& header,
                                      std::span<const std::byte> payload) {
  if (WantsToSend()) Flush();
  if (WantsToSend()) return false;
  out_header_ = header;
  out_payload_ = payload;
  out_total_ = sizeof header + payload.size();
  sent_ = 0;
  Flush();
  return true;
}

void StreamDispatcherChannel::Flush() {
  while (WantsToSend()) {
    iovec parts[2];
    const int count = Remainder(out_header_, out_payload_, sent_, parts);
    const ssize_t written = ::writev(send_.get(), parts, count);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EAGAIN) return;
    if (written < 0 && (errno == EPIPE || errno == ECONNRESET)) {
      sent_ = out_total_;  // the worker has gone; its pidfd tells why
      return;
    }
    sent_ += static_cast<size_t>(Check(written, "write to a worker"));
  }
}

bool StreamDispatcherChannel::Fill(std::span<std::byte> buffer, size_t& filled) {
  while (filled < buffer.size()) {
    const ssize_t got = ::read(receive_.get(), buffer.data() + filled, buffer.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && (errno == EAGAIN || errno == ECONNRESET)) return false;
    if (Check(got, "read from a worker") == 0) return false;
    filled += static_cast<size_t>(got);
  }
  return true;
}

std::optional<Incoming> StreamDispatcherChannel::TryReceive() {
  if (!Fill(std::as_writable_bytes(std::span(&in_header_, 1)), in_header_filled_)) {
    return std::nullopt;
  }
  // Again for each part of the payload: a header that was refused once stays refused.
  CheckHeader(in_header_, shape_, shape_.answer_bytes);
  const auto payload = std::span(in_payload_).first(in_header_.payload_bytes);
  if (!Fill(payload, in_payload_filled_)) return std::nullopt;
  in_header_filled_ = 0;
  in_payload_filled_ = 0;
  return Incoming{in_header_, payload};
}

StreamWorkerChannel::StreamWorkerChannel(UniqueFd receive, UniqueFd send, const ChannelShape& shape)
    : receive_(std::move(receive)),
      send_(std::move(send)),
      shape_(shape),
      request_(MakeBuffer(shape.request_bytes)),
      answer_(MakeBuffer(shape.answer_bytes)) {}

std::optional<Incoming> StreamWorkerChannel::Receive() {
  AtStep(shape_, Step::kWaiting);
  SpinForInput(receive_.get(), shape_.spin_ns);
  ChunkHeader header;
  if (!ReadAll(receive_.get(), std::as_writable_bytes(std::span(&header, 1)))) return std::nullopt;
  AtStep(shape_, Step::kReceiving);
  CheckHeader(header, shape_, shape_.request_bytes);
  const auto payload = std::span(request_).first(header.payload_bytes);
  if (!ReadAll(receive_.get(), payload) && !payload.empty()) {
    throw Error("the dispatcher closed the connection inside a message");
  }
  AtStep(shape_, Step::kReceived);
  return Incoming{header, payload};
}

std::span<std::byte> StreamWorkerChannel::AnswerSpace(size_t bytes) {
  AtStep(shape_, Step::kAnswering);
  return std::span(answer_).first(bytes);
}

void StreamWorkerChannel::Send(const ChunkHeader& header) {
  const auto payload = std::span<const std::byte>(answer_).first(header.payload_bytes);
  size_t done = 0;
  if (shape_.at_step != nullptr) {
    done = WriteOn(header, payload.first(payload.size() / 2), 0);
    AtStep(shape_, Step::kSending);
  }
  WriteOn(header, payload, done);
  AtStep(shape_, Step::kPublished);
  AtStep(shape_, Step::kSent);
}

size_t StreamWorkerChannel::WriteOn(const ChunkHeader& header, std::span<const std::byte> payload,
                                    size_t done) {
  while (done < sizeof header + payload.size()) {
    iovec parts[2];
    const int count = Remainder(header, payload, done, parts);
    const ssize_t written = ::writev(send_.get(), parts, count);
    if (written < 0 && errno == EINTR) continue;
    done += static_cast<size_t>(Check(written, "write to the dispatcher"));
  }
  return done;
}

}  // namespace coresweep
