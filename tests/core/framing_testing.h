// Frames for tests.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/framing.h"

namespace coresweep {

inline const ItemLayout kLetters({{DType::kUInt8, {40}}}, Sizing::kVariable);

inline std::span<const std::byte> BytesOf(std::string_view text) {
  return std::as_bytes(std::span(text));
}

inline std::string TextOf(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// The frames of `texts`, one after the other.
inline std::vector<std::byte> Frames(const std::vector<std::string>& texts) {
  std::vector<std::byte> frames;
  for (const std::string& text : texts) {
    const size_t at = frames.size();
    frames.resize(at + FrameBytes(text.size()), std::byte{0xee});
    const auto place = BeginFrame(std::span(frames).subspan(at), text.size());
    std::memcpy(place.data(), text.data(), text.size());
  }
  return frames;
}

/// Makes the head at `at` say `length`.
inline void SetLength(std::vector<std::byte>& frames, size_t at, uint64_t length) {
  std::memcpy(frames.data() + at, &length, sizeof length);
}

}  // namespace coresweep
