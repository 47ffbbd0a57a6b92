// What the transports over descriptors share.
#pragma once

#include <cstddef>
#include <cstdint>

#include "harness/base/unique_fd.h"

namespace coresweep {

/// Largest kernel buffer asked for: what an unprivileged process usually may have.
inline constexpr size_t kMostBufferBytes = size_t{1} << 20;

void SetNonBlocking(int fd);

/// A second descriptor of the same open file, close-on-exec.
[[nodiscard]] UniqueFd Duplicate(int fd);

/// What the kernel grants for sending, in bytes of its own accounting.
[[nodiscard]] size_t SendBufferBytes(int fd);

/// Asks for a send buffer that holds about two messages. The kernel caps this at net.core.wmem_max
/// without an error; a small buffer costs speed only.
void FitSendBuffer(int fd, size_t message_bytes);

}  // namespace coresweep
