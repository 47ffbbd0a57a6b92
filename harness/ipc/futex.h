// Sleeping on a word of shared memory.
#pragma once

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <climits>
#include <cstdint>

#include "harness/base/clock.h"

namespace coresweep {

/// Sleeps while `*word == expected`, at most `timeout_ns`; may also return early. Shared, not
/// FUTEX_PRIVATE: the waker is another process, so std::atomic::wait will not do.
inline void FutexWait(std::atomic<uint32_t>* word, uint32_t expected, int64_t timeout_ns) noexcept {
  const timespec timeout{timeout_ns / kNsPerS, timeout_ns % kNsPerS};
  syscall(SYS_futex, word, FUTEX_WAIT, expected, &timeout, nullptr, 0);
}

/// Wakes all sleepers on `word`.
inline void FutexWakeAll(std::atomic<uint32_t>* word) noexcept {
  syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}

/// Tells the core that this is a busy wait. On aarch64 `yield` does nothing on most cores.
inline void SpinPause() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("isb" ::: "memory");
#endif
}

}  // namespace coresweep
