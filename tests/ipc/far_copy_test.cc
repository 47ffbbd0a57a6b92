#include "harness/ipc/far_copy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace coresweep {
namespace {

TEST(FarCopy, CopiesEveryByteAndNoOther) {
  constexpr size_t kRoom = 256;
  for (const size_t bytes : {size_t{0}, size_t{100}, kFarCopyBytes - 1, kFarCopyBytes,
                             kFarCopyBytes + 1, kFarCopyBytes + 63, 2 * kFarCopyBytes}) {
    std::vector<std::byte> from(bytes + kRoom);
    for (size_t i = 0; i < from.size(); ++i)
      from[i] = static_cast<std::byte>(i * 31 + (i >> 12));
    for (const size_t from_at : {size_t{0}, size_t{3}}) {
      for (const size_t to_at : {size_t{0}, size_t{16}, size_t{64}, size_t{5}}) {
        std::vector<std::byte> to(bytes + 2 * kRoom, std::byte{0xee});
        // At a cache line and beside one.
        const size_t line = 64 - reinterpret_cast<uintptr_t>(to.data()) % 64;
        std::byte* target = to.data() + line + to_at;
        FarCopy(target, from.data() + from_at, bytes);
        EXPECT_TRUE(std::equal(target, target + bytes, from.data() + from_at));
        EXPECT_EQ(target[-1], std::byte{0xee});
        EXPECT_EQ(target[bytes], std::byte{0xee});
      }
    }
  }
}

}  // namespace
}  // namespace coresweep
