#include "harness/ipc/zeromq_socket.h"

#include <sys/eventfd.h>
#include <sys/mman.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <thread>

#include "harness/base/error.h"

namespace coresweep {
namespace {

constexpr int kLookAgainMs = 100;
constexpr int kNeverAgainMs = 3'600'000;  // 0 would drop what came before the connection was lost
/// A context, a socket and one connection take eight.
constexpr int kDescriptors = 10;

/// Memory that is not libzmq's to free.
void KeepMemory(void* /*data*/, void* /*hint*/) {}

/// Two stacks of the usual size and what else two threads need.
constexpr size_t kMemoryBytes = size_t{32} << 20;

/// libzmq ends the process where it is refused a descriptor, memory or a thread, so they are asked
/// for here first.
void RequireResources() {
  std::array<UniqueFd, kDescriptors> descriptors;
  for (UniqueFd& fd : descriptors)
    fd.Reset(Check(eventfd(0, EFD_CLOEXEC), "eventfd", "(ZeroMQ needs ten descriptors)"));
  void* memory = mmap(nullptr, kMemoryBytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) ThrowErrno("mmap", "(ZeroMQ needs 32 MiB of address space)");
  munmap(memory, kMemoryBytes);
  const auto until_told = [](const std::stop_token& told) {
    while (!told.stop_requested())
      std::this_thread::yield();
  };
  try {
    const std::jthread reaper(until_told);
    const std::jthread io(until_told);
  } catch (const std::system_error& error) {
    throw Error("the two threads that ZeroMQ needs: " + DescribeErrno(error.code().value()) +
                ": raise the limit of threads (ulimit -u, pids.max) or use another transport");
  }
}

}  // namespace

ZmqPart::ZmqPart(size_t bytes) {
  Check(zmq_msg_init_size(&message_, bytes), "zmq_msg_init_size");
}

ZmqPart ZmqPart::Referring(std::span<const std::byte> bytes) {
  ZmqPart part;
  auto* data = const_cast<std::byte*>(bytes.data());  // the library only reads what it sends
  Check(zmq_msg_init_data(&part.message_, data, bytes.size(), KeepMemory, nullptr),
        "zmq_msg_init_data");
  return part;
}

std::span<std::byte> ZmqPart::bytes() {
  return {static_cast<std::byte*>(zmq_msg_data(&message_)), zmq_msg_size(&message_)};
}

ZmqSocket::ZmqSocket(const ZmqLimits& limits) {
  RequireResources();
  context_ = zmq_ctx_new();
  if (context_ == nullptr) ThrowErrno("zmq_ctx_new");
  socket_ = zmq_socket(context_, ZMQ_PAIR);
  if (socket_ == nullptr) {
    const int error_number = errno;
    zmq_ctx_term(context_);
    errno = error_number;
    ThrowErrno("zmq_socket");
  }
  Set(ZMQ_SNDHWM, limits.send_messages);
  Set(ZMQ_RCVHWM, limits.receive_messages);
  Set(ZMQ_SNDTIMEO, kLookAgainMs);
  Set(ZMQ_RCVTIMEO, kLookAgainMs);
  Set(ZMQ_RECONNECT_IVL, kNeverAgainMs);
  Set(ZMQ_HANDSHAKE_IVL, 0);  // a worker takes its time to start
  Set(ZMQ_LINGER, 0);
  const auto longest = static_cast<int64_t>(limits.part_bytes);
  Check(zmq_setsockopt(socket_, ZMQ_MAXMSGSIZE, &longest, sizeof longest), "zmq_setsockopt");
}

ZmqSocket::~ZmqSocket() {
  zmq_close(socket_);
  while (zmq_ctx_term(context_) != 0 && errno == EINTR) {
  }
}

void ZmqSocket::Connect(const std::string& endpoint) {
  Check(zmq_connect(socket_, endpoint.c_str()), "zmq_connect", endpoint);
}

void ZmqSocket::Bind(UniqueFd listener, const std::string& endpoint) {
  Set(ZMQ_USE_FD, listener.get());
  Check(zmq_bind(socket_, endpoint.c_str()), "zmq_bind", endpoint);
  (void)listener.Release();  // the socket closes it
}

bool ZmqSocket::Send(ZmqPart& part, bool more, Wait wait) {
  const int flags = (more ? ZMQ_SNDMORE : 0) | (wait == Wait::kNot ? ZMQ_DONTWAIT : 0);
  int sent = 0;
  while ((sent = zmq_msg_send(&part.message_, socket_, flags)) < 0 && errno == EINTR) {
  }
  if (sent < 0 && errno == EAGAIN) return false;
  Check(sent, "zmq_msg_send");
  return true;
}

bool ZmqSocket::Receive(ZmqPart& part, Wait wait) {
  const int flags = wait == Wait::kNot ? ZMQ_DONTWAIT : 0;
  int got = 0;
  while ((got = zmq_msg_recv(&part.message_, socket_, flags)) < 0 && errno == EINTR) {
  }
  if (got < 0 && errno == EAGAIN) return false;
  Check(got, "zmq_msg_recv");
  return true;
}

ZmqSocket::State ZmqSocket::Look() {
  int events = 0;
  size_t length = sizeof events;
  Check(zmq_getsockopt(socket_, ZMQ_EVENTS, &events, &length), "zmq_getsockopt ZMQ_EVENTS");
  return {(events & ZMQ_POLLIN) != 0, (events & ZMQ_POLLOUT) != 0};
}

int ZmqSocket::fd() const {
  int fd = -1;
  size_t length = sizeof fd;
  Check(zmq_getsockopt(socket_, ZMQ_FD, &fd, &length), "zmq_getsockopt ZMQ_FD");
  return fd;
}

void ZmqSocket::Set(int option, int value) {
  Check(zmq_setsockopt(socket_, option, &value, sizeof value), "zmq_setsockopt");
}

}  // namespace coresweep
