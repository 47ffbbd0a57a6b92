#include "harness/base/digest.h"

#define XXH_INLINE_ALL
#include <fmt/format.h>
#include <xxhash.h>

namespace coresweep {

uint64_t Digest(std::span<const std::byte> bytes) noexcept {
  return XXH3_64bits(bytes.data(), bytes.size());
}

std::string DigestHex(uint64_t digest) {
  return fmt::format("{:016x}", digest);
}

}  // namespace coresweep
