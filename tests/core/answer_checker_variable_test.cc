// The checking of answers that vary in size.
#include <gtest/gtest.h>

#include <cmath>

#include "harness/base/digest.h"
#include "harness/core/answer_checker.h"
#include "tests/core/framing_testing.h"

namespace coresweep {
namespace {

const std::vector<std::string> kAnswers{"zero", "one", "", "three-is-longer-than-16", "four"};

class VariableAnswers : public testing::Test {
 protected:
  static std::vector<uint64_t> Digests() {
    std::vector<uint64_t> digests;
    for (const std::string& answer : kAnswers)
      digests.push_back(Digest(BytesOf(answer)));
    return digests;
  }

  /// Checks `answers` to items 0, 1, …, sent as they are.
  void Check(const std::vector<std::string>& answers) { CheckFrames(Frames(answers)); }
  void CheckFrames(const std::vector<std::byte>& frames) {
    checker_.Check({0, 5}, frames, DigestOfChunk(frames, kLetters));
  }
  void Expect(int64_t equal, int64_t outside, int64_t misplaced, int64_t corrupted) const {
    OrderingCounts counts;
    checker_.AddTo(counts);
    EXPECT_EQ(counts.answers, 5);
    EXPECT_EQ(checker_.output().compared, 5);
    EXPECT_EQ(checker_.output().bitwise_equal, equal);
    EXPECT_EQ(checker_.output().outside_tolerance, outside);
    EXPECT_EQ(counts.misplaced, misplaced);
    EXPECT_EQ(counts.corrupted, corrupted);
  }

  std::vector<std::byte> packed_ = Frames(kAnswers);
  std::vector<size_t> offsets_ = FrameOffsets(kLetters, packed_, 5);
  std::vector<uint64_t> digests_ = Digests();
  AnswerChecker checker_{{&kLetters, {}, digests_, packed_, offsets_}};
};

TEST_F(VariableAnswers, EqualOnesAreClean) {
  Check(kAnswers);
  Expect(5, 0, 0, 0);
  EXPECT_EQ(checker_.output().max_abs_diff, 0);
}

TEST_F(VariableAnswers, OneOfAnotherSizeIsWrongByAnyTolerance) {
  checker_ = AnswerChecker({&kLetters, {1e9, 1e9}, digests_, packed_, offsets_});
  Check({"zero", "ones", "", "three-is-longer", "four"});
  Expect(3, 2, 0, 0);
  EXPECT_TRUE(std::isinf(checker_.output().max_abs_diff));
}

TEST_F(VariableAnswers, OneOfTheSameSizeIsComparedByNumber) {
  Check({"zero", "onf", "", "three-is-longer-than-16", "four"});
  Expect(4, 1, 0, 0);
  EXPECT_EQ(checker_.output().max_abs_diff, 1);
}

TEST_F(VariableAnswers, SwappedOnesAreMisplacedWhateverTheirSizes) {
  Check({"three-is-longer-than-16", "one", "", "zero", "four"});
  Expect(3, 0, 2, 0);
}

TEST_F(VariableAnswers, AnEmptyOneIsAnAnswer) {
  Check({"zero", "", "", "three-is-longer-than-16", "four"});
  Expect(4, 0, 1, 0);  // the reference of item 2, in the place of item 1
}

TEST_F(VariableAnswers, AChangeOnTheWayIsCorruption) {
  auto frames = packed_;
  const uint64_t sent = DigestOfChunk(frames, kLetters);
  frames[kFrameHead] ^= std::byte{1};
  checker_.Check({0, 5}, frames, sent);
  Expect(4, 0, 0, 1);
}

TEST_F(VariableAnswers, ALengthThatChangedOnTheWayIsCorruption) {
  auto frames = packed_;
  const uint64_t sent = DigestOfChunk(frames, kLetters);
  SetLength(frames, 0, 3);  // "zer"
  checker_.Check({0, 5}, frames, sent);
  Expect(4, 0, 0, 1);
}

TEST_F(VariableAnswers, ThoseThatAreNotThereAreWrong) {
  Check({"zero", "one", ""});
  Expect(3, 2, 0, 0);
  EXPECT_TRUE(std::isinf(checker_.output().max_abs_diff));
}

TEST_F(VariableAnswers, WhatIsBehindABrokenFrameIsWrong) {
  auto frames = packed_;
  SetLength(frames, offsets_[1], ~uint64_t{0});
  CheckFrames(frames);
  Expect(1, 4, 0, 0);
}

TEST_F(VariableAnswers, TheDigestIsOfTheBytesAlone) {
  auto frames = packed_;
  const uint64_t digest = DigestOfChunk(frames, kLetters);
  frames[8] = std::byte{1};               // the rest of a head
  frames[kFrameHead + 4] = std::byte{1};  // padding
  EXPECT_EQ(DigestOfChunk(frames, kLetters), digest);
  ChunkDigest parts;
  for (const uint64_t part : digests_)
    parts.Add(part);
  EXPECT_EQ(digest, parts.value());
}

}  // namespace
}  // namespace coresweep
