#include <sys/resource.h>

#include <algorithm>
#include <fstream>
#include <string>

#include "harness/ipc/mq_transport.h"

namespace coresweep {
namespace {

constexpr size_t kLeastMessageBytes = 2 * sizeof(ChunkHeader);
/// The kernel's own data for a message count towards the user's limit too.
constexpr size_t kKernelBytesPerMessage = 96;
constexpr size_t kAlikeQueues = 16;
/// With fewer, sender and receiver wait for each other after every message of a long chunk.
constexpr size_t kEnoughMessages = 4;

size_t ReadNumber(const std::string& file, size_t otherwise) {
  size_t number = 0;
  return std::ifstream(file) >> number && number > 0 ? number : otherwise;
}

}  // namespace

MqLimits ReadMqLimits() {
  MqLimits limits;
  limits.message_bytes = ReadNumber("/proc/sys/fs/mqueue/msgsize_max", limits.message_bytes);
  limits.messages = ReadNumber("/proc/sys/fs/mqueue/msg_max", limits.messages);
  rlimit of_user{};
  if (getrlimit(RLIMIT_MSGQUEUE, &of_user) == 0) limits.user_bytes = of_user.rlim_cur;
  return limits;
}

MqSize UsefulMqSize(size_t payload_bytes, int credit, const MqLimits& limits) {
  const size_t share = limits.user_bytes / kAlikeQueues;
  const auto affordable = [share](size_t message_bytes) {
    return share / (message_bytes + kKernelBytesPerMessage);
  };
  const size_t whole = sizeof(ChunkHeader) + payload_bytes;
  size_t message = std::max(kLeastMessageBytes, std::min(whole, limits.message_bytes));
  while (message / 2 >= kLeastMessageBytes && affordable(message) < kEnoughMessages) {
    message /= 2;
  }
  const size_t packets = (whole + message - 1) / message;
  const size_t wanted = (static_cast<size_t>(credit) + 1) * packets;
  return {message, std::max(size_t{1}, std::min({wanted, limits.messages, affordable(message)}))};
}

std::optional<MqSize> SmallerMqSize(const MqSize& size) {
  if (size.message_bytes > kLeastMessageBytes) {
    return MqSize{std::max(kLeastMessageBytes, size.message_bytes / 2), size.messages};
  }
  if (size.messages > 1) return MqSize{size.message_bytes, size.messages / 2};
  return std::nullopt;
}

}  // namespace coresweep
