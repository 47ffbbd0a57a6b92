// Made items: different from one another, the same in every process and on every machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "harness/core/tensor_spec.h"

namespace coresweep {

/// A bijective scrambling of 64 bits, so different values stay different (the finaliser of
/// splitmix64: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
constexpr uint64_t Scramble(uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9U;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebU;
  return value ^ (value >> 31);
}

/// 64 random bits that depend on nothing but these three counters.
constexpr uint64_t RandomBits(uint64_t seed, uint64_t item, uint64_t element) {
  constexpr uint64_t kStep = 0x9e3779b97f4a7c15U;  // 2^64 / golden ratio
  return Scramble(Scramble(Scramble(seed + kStep) + (item + 1) * kStep) + (element + 1) * kStep);
}

/// Integers are made in [low, high), low < high.
struct IntegerRange {
  int64_t low = 0;
  int64_t high = 100;
};

/// Fills the `layout.bytes` bytes of item `index`: floating elements uniform in [-1, 1) in steps
/// that their type holds exactly, integers uniform in `range` (by remainder; the bias is below
/// 2^-32 for ranges up to 2^32), booleans fair, padding zero.
void FillItem(const ItemLayout& layout, IntegerRange range, uint64_t seed, int64_t index,
              std::span<std::byte> item);

}  // namespace coresweep
