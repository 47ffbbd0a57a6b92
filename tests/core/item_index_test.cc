#include "harness/core/item_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/error.h"
#include "tests/core/framing_testing.h"

namespace coresweep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Five items of 3, 0, 16, 40 and 1 bytes.
class VariableItems : public testing::Test {
 protected:
  std::vector<std::byte> packed_ =
      Frames({"one", "", std::string(16, 'x'), std::string(40, 'y'), "z"});
  std::vector<size_t> offsets_ = FrameOffsets(kLetters, packed_, 5);
  ItemIndex index_{kLetters, offsets_};
  std::span<const std::byte> bytes_ = packed_;
};

TEST_F(VariableItems, AreFoundByTheirNumber) {
  EXPECT_THAT(offsets_, ElementsAre(0, 32, 48, 80, 144, 176));
  EXPECT_EQ(TextOf(index_.Item(bytes_, 0)), "one");
  EXPECT_EQ(TextOf(index_.Item(bytes_, 1)), "");
  EXPECT_EQ(TextOf(index_.Item(bytes_, 3)), std::string(40, 'y'));
  EXPECT_EQ(TextOf(index_.Item(bytes_, 4)), "z");
}

TEST_F(VariableItems, ChunksAreContiguous) {
  const auto chunk = index_.Chunk(bytes_, {1, 3});
  EXPECT_EQ(chunk.data(), packed_.data() + 32);
  EXPECT_TRUE(IsPacked(kLetters, chunk, 3));
  EXPECT_EQ(index_.Chunk(bytes_, {0, 5}).size(), packed_.size());
}

TEST_F(VariableItems, TheLargestChunkAndRunAreKnownExactly) {
  EXPECT_EQ(index_.LargestRun(ChunkSequence(5, 1), 1), 64u);
  EXPECT_EQ(index_.LargestRun(ChunkSequence(5, 2), 1), 96u);   // items 2 and 3
  EXPECT_EQ(index_.LargestRun(ChunkSequence(5, 2), 2), 144u);  // items 0 to 3
  EXPECT_EQ(index_.LargestRun(ChunkSequence(5, 5), 4), 176u);
}

TEST_F(VariableItems, SizesAreWithoutHeadAndPadding) {
  const auto sizes = index_.Sizes(bytes_, 5);
  ASSERT_TRUE(sizes);
  EXPECT_EQ(sizes->least, 0u);
  EXPECT_EQ(sizes->mean, 12.0);
  EXPECT_EQ(sizes->most, 40u);
}

TEST_F(VariableItems, WhatComesBehindTheLastIsNotLookedAt) {
  packed_.resize(packed_.size() + 100, std::byte{0xff});
  EXPECT_EQ(FrameOffsets(kLetters, packed_, 5), offsets_);
}

TEST_F(VariableItems, MemoryThatHoldsTooFewIsRefusedByTheNumberOfTheFirstThatIsNotThere) {
  const auto refused = [](std::span<const std::byte> packed) -> std::string {
    try {
      (void)FrameOffsets(kLetters, packed, 5);
      return "";
    } catch (const Error& error) {
      return error.what();
    }
  };
  EXPECT_THAT(refused(bytes_.first(bytes_.size() - 1)), HasSubstr("number 4 of 5"));
  SetLength(packed_, 32, 41);  // larger than any, though there is room
  EXPECT_THAT(refused(packed_), HasSubstr("number 1 of 5"));
}

TEST_F(VariableItems, ALengthThatChangedSinceDoesNotReachTheNextItem) {
  SetLength(packed_, 0, 40);
  EXPECT_THAT(index_.Item(bytes_, 0), IsEmpty());
}

TEST(FixedItems, AreFoundByMultiplication) {
  const ItemLayout layout({{DType::kUInt8, {3}}});
  const auto bytes = BytesOf("abcdefghi");
  EXPECT_THAT(FrameOffsets(layout, bytes, 3), IsEmpty());
  const ItemIndex index(layout, {});
  EXPECT_EQ(TextOf(index.Item(bytes, 2)), "ghi");
  EXPECT_EQ(TextOf(index.Chunk(bytes, {1, 2})), "defghi");
  EXPECT_EQ(index.LargestRun(ChunkSequence(3, 2), 1), 6u);
  EXPECT_FALSE(index.Sizes(bytes, 3));
}

}  // namespace
}  // namespace coresweep
