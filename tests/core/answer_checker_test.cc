#include "harness/core/answer_checker.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "harness/base/digest.h"

namespace coresweep {
namespace {

const ItemLayout kPair({{DType::kFloat32, {2}}});

/// Six items whose reference answers are the pairs (10 i, 10 i + 1).
class AnswerCheckerTest : public testing::Test {
 protected:
  AnswerCheckerTest() : layout_({{DType::kFloat32, {2}}}) {
    for (int i = 0; i < 6; ++i) {
      reference_.push_back(static_cast<float>(10 * i));
      reference_.push_back(static_cast<float>(10 * i + 1));
    }
    for (size_t i = 0; i < 6; ++i)
      digests_.push_back(Digest(Bytes(reference_).subspan(i * 8, 8)));
    checker_ = std::make_unique<AnswerChecker>(
        Reference{&layout_, {0.01, 0}, digests_, Bytes(reference_)});
  }

  static std::span<const std::byte> Bytes(const std::vector<float>& values) {
    return std::as_bytes(std::span(values));
  }
  /// The right answers to items [first, first + count).
  [[nodiscard]] std::vector<float> Right(size_t first, size_t count) const {
    const auto begin = reference_.begin() + static_cast<ptrdiff_t>(2 * first);
    return {begin, begin + static_cast<ptrdiff_t>(2 * count)};
  }
  static uint64_t SentDigest(const std::vector<float>& answers) {
    return DigestOfChunk(Bytes(answers), kPair);
  }
  void ExpectOrdering(int64_t answers, int64_t misplaced, int64_t corrupted) const {
    OrderingCounts counts;
    checker_->AddTo(counts);
    EXPECT_EQ(counts.answers, answers);
    EXPECT_EQ(counts.misplaced, misplaced);
    EXPECT_EQ(counts.corrupted, corrupted);
  }
  void ExpectOutput(int64_t compared, int64_t equal, int64_t outside) const {
    EXPECT_EQ(checker_->output().compared, compared);
    EXPECT_EQ(checker_->output().bitwise_equal, equal);
    EXPECT_EQ(checker_->output().outside_tolerance, outside);
  }

  ItemLayout layout_;
  std::vector<float> reference_;
  std::vector<uint64_t> digests_;
  std::unique_ptr<AnswerChecker> checker_;
};

TEST_F(AnswerCheckerTest, EqualAnswersAreClean) {
  const auto answers = Right(1, 3);
  checker_->Check({1, 3}, Bytes(answers), SentDigest(answers));
  checker_->Check({1, 3}, Bytes(answers), std::nullopt);
  ExpectOutput(6, 6, 0);
  ExpectOrdering(6, 0, 0);
  EXPECT_EQ(checker_->output().max_abs_diff, 0);
}

TEST_F(AnswerCheckerTest, AChangeAfterTheWorkersDigestIsCorruption) {
  auto answers = Right(0, 3);
  const uint64_t sent = SentDigest(answers);
  answers[2] += 0.001F;  // within the tolerance, but not what the worker computed
  checker_->Check({0, 3}, Bytes(answers), sent);
  ExpectOutput(3, 2, 0);
  ExpectOrdering(3, 0, 1);
}

TEST_F(AnswerCheckerTest, ASwapOnTheWayIsCorruptionNotMisplacement) {
  auto answers = Right(0, 2);
  const uint64_t sent = SentDigest(answers);
  std::swap(answers[0], answers[2]);
  std::swap(answers[1], answers[3]);
  checker_->Check({0, 2}, Bytes(answers), sent);
  ExpectOutput(2, 0, 0);
  ExpectOrdering(2, 0, 2);
}

TEST_F(AnswerCheckerTest, AnswersOfOtherItemsAreMisplaced) {
  auto answers = Right(0, 3);
  std::swap(answers[0], answers[2]);
  std::swap(answers[1], answers[3]);
  checker_->Check({0, 3}, Bytes(answers), SentDigest(answers));
  ExpectOutput(3, 1, 0);
  ExpectOrdering(3, 2, 0);
}

TEST_F(AnswerCheckerTest, AWholeChunkOfOtherItemsIsMisplaced) {
  const auto answers = Right(3, 3);
  checker_->Check({0, 3}, Bytes(answers), SentDigest(answers));
  ExpectOutput(3, 0, 0);
  ExpectOrdering(3, 3, 0);
}

TEST_F(AnswerCheckerTest, ADifferenceWithinTheToleranceIsNoFault) {
  auto answers = Right(2, 2);
  answers[1] += 0.0078125F;
  checker_->Check({2, 2}, Bytes(answers), SentDigest(answers));
  ExpectOutput(2, 1, 0);
  ExpectOrdering(2, 0, 0);
  EXPECT_EQ(checker_->output().max_abs_diff, 0.0078125);
}

TEST_F(AnswerCheckerTest, ADifferenceBeyondTheToleranceIsOutside) {
  auto answers = Right(2, 2);
  answers[3] += 0.5F;
  checker_->Check({2, 2}, Bytes(answers), SentDigest(answers));
  answers[3] = reference_[7] + 0.25F;
  checker_->Check({2, 2}, Bytes(answers), std::nullopt);
  ExpectOutput(4, 2, 2);
  ExpectOrdering(4, 0, 0);
  EXPECT_EQ(checker_->output().max_abs_diff, 0.5);
}

TEST_F(AnswerCheckerTest, NanIsOutside) {
  auto answers = Right(0, 1);
  answers[0] = NAN;
  checker_->Check({0, 1}, Bytes(answers), std::nullopt);
  ExpectOutput(1, 0, 1);
  EXPECT_EQ(checker_->output().max_abs_diff, HUGE_VAL);
}

TEST_F(AnswerCheckerTest, EachItemOfAChunkIsJudgedByItself) {
  std::vector<float> answers = Right(0, 4);
  answers[0] = 30;  // item 0 carries the answer of item 3
  answers[1] = 31;
  answers[2] += 0.001F;  // item 1 is near its own
  answers[4] += 9;       // item 2 is wrong; item 3 is right
  checker_->Check({0, 4}, Bytes(answers), SentDigest(answers));
  ExpectOutput(4, 1, 1);
  ExpectOrdering(4, 1, 0);
}

TEST_F(AnswerCheckerTest, CountsAreAddedToWhatIsThere) {
  checker_->Check({0, 1}, Bytes(Right(1, 1)), std::nullopt);
  OrderingCounts counts{5, 1, 1, 5, 5, 1, 1, 1};
  checker_->AddTo(counts);
  EXPECT_EQ(counts.answers, 6);
  EXPECT_EQ(counts.misplaced, 6);
  EXPECT_EQ(counts.corrupted, 5);
  EXPECT_EQ(counts.missing, 1);
}

TEST_F(AnswerCheckerTest, EqualAnswersOfDifferentItemsAreNotMisplaced) {
  reference_[2] = reference_[0];
  reference_[3] = reference_[1];
  digests_[1] = digests_[0];
  const auto answers = Right(0, 2);
  checker_->Check({0, 2}, Bytes(answers), SentDigest(answers));
  checker_->Check({4, 1}, Bytes(Right(1, 1)), std::nullopt);
  ExpectOutput(3, 2, 0);
  ExpectOrdering(3, 1, 0);
}

TEST(DigestOfChunk, DependsOnTheOrderOfTheItems) {
  const std::vector<uint64_t> forwards{1, 2};
  const std::vector<uint64_t> backwards{2, 1};
  EXPECT_NE(DigestOfChunk(std::as_bytes(std::span(forwards)), kPair),
            DigestOfChunk(std::as_bytes(std::span(backwards)), kPair));
}

TEST(DigestOfChunk, IsMadeOfTheDigestsOfItsItems) {
  const std::vector<uint64_t> items{1, 2};
  const auto bytes = std::as_bytes(std::span(items));
  ChunkDigest digest;
  digest.Add(Digest(bytes.first(8)));
  digest.Add(Digest(bytes.last(8)));
  EXPECT_EQ(DigestOfChunk(bytes, kPair), digest.value());
}

TEST(DigestOfChunk, OfItemsWithoutBytesIsThatOfNoItems) {
  EXPECT_EQ(DigestOfChunk({}, ItemLayout()), ChunkDigest().value());
}

}  // namespace
}  // namespace coresweep
