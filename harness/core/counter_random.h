// Counter-based random words: word i of a stream is a pure function of seed, stream and i, the same
// on every platform. For coins that must be reproducible from a report; not for secrets.
#pragma once

#include <cstdint>

namespace coresweep {

/// Output function of SplitMix64 (Steele, Lea, Flood 2014, "Fast splittable pseudorandom number
/// generators"): a bijection of 64-bit words that mixes all bits.
constexpr uint64_t Mix64(uint64_t word) {
  word = (word ^ (word >> 30U)) * 0xbf58476d1ce4e5b9U;
  word = (word ^ (word >> 27U)) * 0x94d049bb133111ebU;
  return word ^ (word >> 31U);
}

/// One stream of words. Streams of one seed, and streams of different seeds, are unrelated.
class CounterRandom {
 public:
  constexpr CounterRandom(uint64_t seed, uint64_t stream)
      : start_(Mix64(Mix64(seed + kGamma) + (stream + 1) * kGamma)) {}

  /// Word `index` of the stream: SplitMix64 jumped to its output `index`.
  [[nodiscard]] constexpr uint64_t Word(uint64_t index) const {
    return Mix64(start_ + (index + 1) * kGamma);
  }
  /// Uniform in [0, 1) with 53 bits.
  [[nodiscard]] constexpr double Uniform(uint64_t index) const {
    return static_cast<double>(Word(index) >> 11U) * 0x1p-53;
  }
  /// A fair coin.
  [[nodiscard]] constexpr bool Coin(uint64_t index) const { return (Word(index) >> 63U) != 0; }

 private:
  static constexpr uint64_t kGamma = 0x9e3779b97f4a7c15U;  // 2^64 / golden ratio, odd
  uint64_t start_;
};

}  // namespace coresweep
