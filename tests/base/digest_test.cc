#include "harness/base/digest.h"

#include <gtest/gtest.h>

#include <string_view>

namespace coresweep {
namespace {

uint64_t DigestOf(std::string_view text) {
  return Digest(std::as_bytes(std::span(text)));
}

TEST(Digest, IsXxh3) {
  // Published values of XXH3-64 with seed 0: reports of other machines must stay comparable.
  EXPECT_EQ(DigestOf(""), 0x2d06800538d394c2U);
  EXPECT_EQ(DigestOf("abc"), 0x78af5f94892f3950U);
}

TEST(Digest, ChangesWithEveryByte) {
  const std::string text(1000, 'x');
  for (const size_t at : {0U, 1U, 500U, 999U}) {
    std::string changed = text;
    changed[at] = 'y';
    EXPECT_NE(DigestOf(changed), DigestOf(text)) << at;
  }
  EXPECT_NE(DigestOf(text.substr(1)), DigestOf(text));
}

TEST(Digest, IsWrittenAsSixteenDigits) {
  EXPECT_EQ(DigestHex(0), "0000000000000000");
  EXPECT_EQ(DigestHex(0xABCDEF), "0000000000abcdef");
  EXPECT_EQ(DigestHex(~uint64_t{0}), "ffffffffffffffff");
}

}  // namespace
}  // namespace coresweep
