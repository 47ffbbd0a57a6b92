// Writing and reading every byte of a payload: what makes a hand-over a transfer of data. As fast
// as memory allows, and such that the sum tells whether the bytes came over.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace coresweep {

/// Fills `payload` with the lowest byte of `value`.
inline void WritePayload(std::span<std::byte> payload, uint64_t value) {
  if (!payload.empty()) std::memset(payload.data(), static_cast<int>(value & 0xff), payload.size());
}

/// The sum of its 8-byte words and of the bytes behind them.
inline uint64_t SumPayload(std::span<const std::byte> payload) {
  std::array<uint64_t, 4> sums{};  // four, so that one addition does not wait for the one before
  const std::byte* at = payload.data();
  size_t left = payload.size();
  for (; left >= sizeof sums; left -= sizeof sums, at += sizeof sums) {
    std::array<uint64_t, 4> words;
    std::memcpy(words.data(), at, sizeof words);
    for (size_t i = 0; i < words.size(); ++i)
      sums[i] += words[i];
  }
  for (; left >= sizeof(uint64_t); left -= sizeof(uint64_t), at += sizeof(uint64_t)) {
    uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    sums[0] += word;
  }
  for (; left > 0; --left, ++at)
    sums[1] += static_cast<uint64_t>(*at);
  return sums[0] + sums[1] + sums[2] + sums[3];
}

/// The sum of `bytes` bytes written with `value`.
inline uint64_t SumOfWritten(size_t bytes, uint64_t value) {
  const uint64_t byte = value & 0xff;
  return bytes / 8 * (byte * 0x0101010101010101) + bytes % 8 * byte;
}

}  // namespace coresweep
