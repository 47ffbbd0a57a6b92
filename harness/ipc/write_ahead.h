// Fetching cache lines for writing before there is anything to write.
#pragma once

#include <algorithm>
#include <cstddef>

namespace coresweep {

/// Payloads up to here; of longer ones the hardware's own prefetching hides the most: see
/// bench/RESULTS.md.
constexpr size_t kMostWriteAheadBytes = size_t{8} << 10;

/// Asks for the lines of `bytes` bytes from `place` on as a store would, without waiting for them.
/// Nothing changes but where they are cached.
inline void FetchForWriting(const std::byte* place, size_t bytes) noexcept {
  constexpr size_t kLine = 64;
  for (size_t at = 0; at < bytes; at += kLine) {
#if defined(__x86_64__)
    // Without -mprfchw the builtin fetches for reading only. Where there is no such instruction
    // x86-64 takes it for a nop.
    asm volatile("prefetchw %0" : : "m"(place[at]));
#else
    __builtin_prefetch(place + at, 1);
#endif
  }
}

/// Whoever has published a message and waits busily can use the time: the place of the next one
/// was last read by the other core, and the first store to each of its lines would wait for it.
/// One place is fetched once a message, taken to be as long as the one before.
class WriteAhead {
 public:
  explicit WriteAhead(bool waits_busily) : waits_busily_(waits_busily) {}

  /// A message of `bytes` was published.
  void Published(size_t bytes) noexcept {
    due_bytes_ = waits_busily_ ? std::min(bytes, kMostWriteAheadBytes) : 0;
  }
  /// Nothing has come. `place(bytes)` is where a payload of so many bytes goes next, nullptr where
  /// there is no room now.
  template <typename Place>
  void Idle(const Place& place) {
    if (due_bytes_ == 0) return;
    if (const std::byte* next = place(due_bytes_)) FetchForWriting(next, due_bytes_);
    due_bytes_ = 0;
  }

 private:
  bool waits_busily_;
  size_t due_bytes_ = 0;
};

}  // namespace coresweep
