#include "harness/core/framing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "tests/core/framing_testing.h"

namespace coresweep {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// What `Split` finds, as text; `whole` is what it returns.
std::vector<std::string> Found(std::span<const std::byte> packed, int64_t count, bool& whole) {
  std::vector<std::span<const std::byte>> views;
  whole = Split(kLetters, packed, count, views);
  std::vector<std::string> texts;
  for (const auto& view : views)
    texts.push_back(TextOf(view));
  return texts;
}

void ExpectRefused(std::span<const std::byte> packed, int64_t count) {
  bool whole = true;
  (void)Found(packed, count, whole);
  EXPECT_FALSE(whole);
  EXPECT_FALSE(IsPacked(kLetters, packed, count));
}

TEST(Framing, AFrameIsAHeadAndTheBytesPaddedToSixteen) {
  EXPECT_EQ(FrameBytes(0), 16u);
  EXPECT_EQ(FrameBytes(1), 32u);
  EXPECT_EQ(FrameBytes(16), 32u);
  EXPECT_EQ(FrameBytes(17), 48u);
  const auto frame = Frames({"abc"});
  ASSERT_EQ(frame.size(), 32u);
  std::vector<std::byte> expected(32);
  expected[0] = std::byte{3};
  std::memcpy(expected.data() + 16, "abc", 3);
  EXPECT_EQ(frame, expected);
}

TEST(Framing, WhatIsPackedIsFoundAgain) {
  const std::vector<std::string> texts{"", "a", std::string(16, 'b'), std::string(40, 'c'), "d"};
  const auto frames = Frames(texts);
  bool whole = false;
  EXPECT_EQ(Found(frames, 5, whole), texts);
  EXPECT_TRUE(whole);
  EXPECT_TRUE(IsPacked(kLetters, frames, 5));
  EXPECT_LE(frames.size(), MostPackedBytes(kLetters, 5));
  EXPECT_GE(frames.size(), LeastPackedBytes(kLetters, 5));
}

TEST(Framing, AnyChunkOfConsecutiveItemsIsOneSpan) {
  const auto frames = Frames({"one", "two", "three", "four"});
  const size_t head = LeadingBytes(kLetters, frames, 1).value();
  const size_t rest = LeadingBytes(kLetters, std::span(frames).subspan(head), 2).value();
  bool whole = false;
  EXPECT_THAT(Found(std::span(frames).subspan(head, rest), 2, whole), ElementsAre("two", "three"));
  EXPECT_TRUE(whole);
}

TEST(Framing, TooFewAndTooManyFramesAreRefused) {
  const auto frames = Frames({"one", "two"});
  ExpectRefused(frames, 1);
  ExpectRefused(frames, 3);
  ExpectRefused({}, 1);
  EXPECT_TRUE(IsPacked(kLetters, {}, 0));
  EXPECT_EQ(LeadingBytes(kLetters, frames, 3), std::nullopt);
}

TEST(Framing, AFrameThatIsCutIsRefused) {
  const auto frames = Frames({"one", "two"});
  for (size_t bytes = 0; bytes < frames.size(); ++bytes)
    ExpectRefused(std::span(frames).first(bytes), 2);
}

TEST(Framing, LengthsBeyondTheEndAreRefusedAndWhatCameBeforeIsThere) {
  for (const uint64_t length : {uint64_t{17}, uint64_t{32}, uint64_t{1} << 32, ~uint64_t{0},
                                ~uint64_t{0} - 15, ~uint64_t{0} - 31, uint64_t{1} << 63}) {
    auto frames = Frames({"one", "two"});
    SetLength(frames, 32, length);
    bool whole = true;
    EXPECT_THAT(Found(frames, 2, whole), ElementsAre("one")) << length;
    EXPECT_FALSE(whole);
    EXPECT_FALSE(IsPacked(kLetters, frames, 2));
    EXPECT_EQ(LeadingBytes(kLetters, frames, 2), std::nullopt);
  }
}

TEST(Framing, LengthsThatSwallowTheNextFrameAreRefused) {
  auto frames = Frames({"one", "two"});
  SetLength(frames, 0, 40);
  ExpectRefused(frames, 2);
}

TEST(Framing, ItemsBeyondTheLargestAreRefused) {
  const auto frames = Frames({std::string(41, 'x')});
  ExpectRefused(frames, 1);
}

TEST(Framing, PaddingBeyondTheEndIsRefused) {
  const auto frames = Frames({"0123456789"});
  ExpectRefused(std::span(frames).first(16 + 10), 1);  // all of the bytes, none of the padding
}

TEST(Framing, TheRestOfTheHeadAndThePaddingAreNotLookedAt) {
  auto frames = Frames({"abc"});
  frames[8] = frames[15] = frames[19] = frames[31] = std::byte{0xff};
  bool whole = false;
  EXPECT_THAT(Found(frames, 1, whole), ElementsAre("abc"));
  EXPECT_TRUE(whole);
}

TEST(Framing, NothingOutsideIsEverFoundInNoise) {
  std::mt19937_64 random(7);
  int found = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::vector<std::byte> noise(random() % 200);
    for (std::byte& byte : noise)
      byte = static_cast<std::byte>(random() % 3 == 0 ? random() & 0x3f : 0);
    for (size_t at = 1; at + 7 < noise.size(); at += 16)  // mostly small lengths
      std::fill_n(noise.begin() + static_cast<ptrdiff_t>(at), random() % 4 == 0 ? 0 : 7,
                  std::byte{0});
    std::span<const std::byte> bytes(noise);
    FrameWalker walker(bytes);
    const std::byte* reached = bytes.data();
    while (const auto frame = walker.Next()) {
      ASSERT_GE(frame->data(), reached + kFrameHead);
      reached = frame->data() + frame->size();
      ASSERT_LE(reached, bytes.data() + bytes.size());
      ++found;
    }
    ASSERT_LE(walker.left().data(), bytes.data() + bytes.size());
  }
  EXPECT_GT(found, 1000);
}

TEST(Framing, OfFixedSizeThereIsNothingBetween) {
  const ItemLayout layout({{DType::kUInt8, {3}}});
  EXPECT_EQ(MostPackedBytes(layout, 4), 12u);
  EXPECT_EQ(LeastPackedBytes(layout, 4), 12u);
  std::vector<std::span<const std::byte>> views;
  EXPECT_TRUE(Split(layout, BytesOf("abcdef"), 2, views));
  EXPECT_EQ(TextOf(views[1]), "def");
  EXPECT_FALSE(Split(layout, BytesOf("abcde"), 2, views));
  EXPECT_THAT(views, IsEmpty());
  EXPECT_TRUE(IsPacked(layout, BytesOf("abcdef"), 2));
  EXPECT_FALSE(IsPacked(layout, BytesOf("abcdefg"), 2));
  EXPECT_EQ(LeadingBytes(layout, BytesOf("abcdefg"), 2), 6u);
  EXPECT_EQ(LeadingBytes(layout, BytesOf("abcde"), 2), std::nullopt);
}

}  // namespace
}  // namespace coresweep
