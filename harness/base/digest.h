// 64-bit digests of answers and files (XXH3).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace coresweep {

/// XXH3-64 of `bytes`. Not cryptographic: it guards against accidents, not against forgers.
uint64_t Digest(std::span<const std::byte> bytes) noexcept;

/// 16 lower-case hexadecimal digits.
std::string DigestHex(uint64_t digest);

}  // namespace coresweep
