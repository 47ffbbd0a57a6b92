#include "harness/ipc/stream_reader.h"

#include <poll.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "harness/base/error.h"
#include "harness/ipc/buffer.h"

namespace coresweep {
namespace {

constexpr size_t kHead = sizeof(ChunkHeader);

/// As read(2), but never waits: EAGAIN, also where the descriptor blocks.
ssize_t ReadNow(int fd, std::span<std::byte> room) {
  const iovec part{room.data(), room.size()};
  const ssize_t got = ::preadv2(fd, &part, 1, -1, RWF_NOWAIT);
  if (got >= 0 || (errno != EOPNOTSUPP && errno != ENOSYS)) return got;
  pollfd watch{fd, POLLIN, 0};  // an older kernel
  if (::poll(&watch, 1, 0) > 0) return ::read(fd, room.data(), room.size());
  errno = EAGAIN;
  return -1;
}

}  // namespace

StreamReader::StreamReader(const ChannelShape& shape, size_t most_bytes)
    : shape_(shape),
      most_bytes_(most_bytes),
      buffer_(MakeBuffer(kHead + most_bytes + kHead)),
      expected_(most_bytes) {}

ChunkHeader StreamReader::HeaderAt(size_t offset) const {
  ChunkHeader header;
  std::memcpy(&header, buffer_.data() + offset, kHead);
  return header;
}

void StreamReader::DropTaken() {
  if (taken_ == 0) return;
  filled_ -= taken_;
  std::memmove(buffer_.data(), buffer_.data() + taken_, filled_);
  taken_ = 0;
}

bool StreamReader::IsWhole() {
  if (filled_ < kHead) return false;
  header_ = HeaderAt(0);
  CheckHeader(header_, shape_, most_bytes_);
  return filled_ >= kHead + header_.payload_bytes;
}

size_t StreamReader::Wanted() const {
  const size_t payload = filled_ >= kHead ? header_.payload_bytes : expected_;
  return kHead + payload + kHead - filled_;
}

StreamReader::Came StreamReader::More(int fd, Look look, size_t bytes) {
  if (std::exchange(dry_, false) && look != Look::kWait) return Came::kLater;
  const auto room = std::span(buffer_).subspan(filled_, bytes);
  ssize_t got = 0;
  do {
    got = look == Look::kSpin ? ReadNow(fd, room) : ::read(fd, room.data(), room.size());
  } while (got < 0 && errno == EINTR);
  if (got < 0 && errno == EAGAIN) return Came::kLater;
  if (got == 0 || (got < 0 && errno == ECONNRESET)) {
    if (look == Look::kOnce || filled_ == 0) return Came::kEnded;
    throw Error("the other end closed the connection inside a message");
  }
  filled_ += static_cast<size_t>(Check(got, "read", "from a connection"));
  return Came::kWhole;
}

StreamReader::Came StreamReader::ReadHead(int fd) {
  DropTaken();
  while (filled_ < kHead) {
    const Came came = More(fd, Look::kWait, kHead - filled_);
    if (came != Came::kWhole) return came;
  }
  return Came::kWhole;
}

StreamReader::Came StreamReader::Read(int fd, Look look) {
  DropTaken();
  bool is_short = dry_;
  while (!IsWhole()) {
    const size_t wanted = Wanted();
    const size_t before = filled_;
    const Came came = More(fd, look, wanted);
    if (came != Came::kWhole) return came;
    is_short = filled_ - before < wanted;
  }
  dry_ = is_short;
  expected_ = header_.payload_bytes;
  taken_ = kHead + expected_;
  return Came::kWhole;
}

Incoming StreamReader::message() {
  return {header_, std::span(buffer_).subspan(kHead, header_.payload_bytes)};
}

bool StreamReader::HasNext() const {
  const size_t rest = filled_ - taken_;
  if (rest < kHead) return false;
  const ChunkHeader header = HeaderAt(taken_);
  try {
    CheckHeader(header, shape_, most_bytes_);
  } catch (const Error&) {
    return true;
  }
  return rest - kHead >= header.payload_bytes;
}

}  // namespace coresweep
