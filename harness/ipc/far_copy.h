// Copying to where another core will read it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__x86_64__)
#include <emmintrin.h>
#endif

namespace coresweep {

/// From this size on payloads are written past our own caches: see bench/RESULTS.md.
constexpr size_t kFarCopyBytes = size_t{1} << 20;

/// As memcpy; with `kFarCopyBytes` or more, where the processor can, by stores that do not bring
/// each line of the target into this core's caches first, from which the other core would have to
/// fetch it. Whoever publishes afterwards by a release publishes all of it.
inline void FarCopy(std::byte* to, const std::byte* from, size_t bytes) noexcept {
#if defined(__x86_64__)
  constexpr size_t kLine = 64;
  if (bytes >= kFarCopyBytes && reinterpret_cast<uintptr_t>(to) % kLine == 0) {
    const size_t whole = bytes / kLine * kLine;
    for (size_t at = 0; at < whole; at += kLine) {
      for (size_t part = at; part < at + kLine; part += sizeof(__m128i)) {
        _mm_stream_si128(reinterpret_cast<__m128i*>(to + part),
                         _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + part)));
      }
    }
    std::memcpy(to + whole, from + whole, bytes - whole);
    _mm_sfence();  // a release alone does not order such stores
    return;
  }
#endif
  std::memcpy(to, from, bytes);
}

}  // namespace coresweep
