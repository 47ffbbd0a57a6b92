#include "harness/ipc/stream_channel.h"

#include <sys/uio.h>

#include <cerrno>

#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "harness/ipc/buffer.h"
#include "harness/ipc/futex.h"
#include "harness/ipc/sockets.h"

namespace coresweep {
namespace {

using Came = StreamReader::Came;

constexpr int kLooksPerClockReading = 16;

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

}  // namespace

StreamDispatcherChannel::StreamDispatcherChannel(UniqueFd receive, UniqueFd send,
                                                 const ChannelShape& shape, Arrival arrival)
    : receive_(std::move(receive)),
      send_(std::move(send)),
      arrival_(arrival),
      reader_(shape, shape.answer_bytes) {}

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

std::optional<Incoming> StreamDispatcherChannel::TryReceive() {
  // The descriptor does not block. When the worker has gone, its pidfd tells why.
  const Came came = reader_.Read(receive_.get(), StreamReader::Look::kOnce);
  ended_ = came == Came::kEnded;
  if (came != Came::kWhole) return std::nullopt;
  return reader_.message();
}

StreamWorkerChannel::StreamWorkerChannel(UniqueFd receive, UniqueFd send, const ChannelShape& shape)
    : receive_(std::move(receive)),
      send_(std::move(send)),
      shape_(shape),
      reader_(shape, shape.request_bytes),
      answer_(MakeBuffer(shape.answer_bytes)) {}

Came StreamWorkerChannel::ReadNext() {
  if (shape_.spin_ns > 0) {
    const int64_t begin_ns = NowNs();
    for (int look = 1;; ++look) {
      const Came came = reader_.Read(receive_.get(), StreamReader::Look::kSpin);
      if (came != Came::kLater) return came;
      SpinPause();
      if (look % kLooksPerClockReading == 0 && NowNs() - begin_ns >= shape_.spin_ns) break;
    }
  }
  return reader_.Read(receive_.get(), StreamReader::Look::kWait);
}

std::optional<Incoming> StreamWorkerChannel::Receive() {
  AtStep(shape_, Step::kWaiting);
  if (shape_.at_step != nullptr && reader_.ReadHead(receive_.get()) == Came::kEnded)
    return std::nullopt;
  AtStep(shape_, Step::kReceiving);
  if (ReadNext() != Came::kWhole) return std::nullopt;
  AtStep(shape_, Step::kReceived);
  return reader_.message();
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
